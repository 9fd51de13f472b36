-- Kong Upgrade Mesh: divides clients between cluster X and cluster Y by a share kept in shared memory, without reloads.
-- One file for two directives; docs/traffic/nginx.md has the configuration around them:
--   set_by_lua_file $kum_side kum-split.lua $kum_key $kum_opt_in;  x or y for this request
--   content_by_lua_file kum-split.lua;                             the control location of the traffic agent
-- The state is one line, "kum1 <upgrade> <epoch> <step> <percent on Y> <seal>" or "none <percent on Y>", in the shared
-- dictionary kum_split and, for the next start of nginx, in the file $kum_state_file.

local dict = ngx.shared.kum_split

local function weight_in(state)
  local weight = state and tonumber(state:match("^kum1 %x+ %d+ %d+ (%d+) %d+$") or state:match("^none (%d+)$"))
  return weight and weight <= 100 and weight or nil
end

-- Shared memory survives a reload and is lost with the master process: then the file counts, and without it all goes to X.
local function current()
  local state = dict:get("state")
  if state then
    return state
  end
  local file = io.open(ngx.var.kum_state_file or "", "r")
  local kept = file and file:read("*l")
  if file then
    file:close()
  end
  dict:safe_add("state", weight_in(kept) and kept or "none 0")
  return dict:get("state") or "none 0"
end

-- Y takes the lowest part of the hashes, so that a growing share takes clients from X and gives none back.
-- Not crc32: it is linear, and keys that differ in few characters do not spread like chance.
local function side_of(state, key, opt_in)
  local weight = weight_in(state) or 0
  if weight == 0 or weight == 100 then
    return weight == 0 and "x" or "y"
  end
  if opt_in == "y" then
    return "y"
  end
  if not key or key == "" then
    return "x"
  end
  local a, b, c, d = ngx.md5_bin(key):byte(1, 4)
  return ((a * 256 + b) * 256 + c) * 256 + d < weight * 42949672.96 and "y" or "x"
end

if ngx.get_phase() == "set" then
  -- Whatever goes wrong here must not cost the request: X is where everybody came from.
  local fine, side = pcall(function()
    local side = side_of(current(), ngx.arg[1], ngx.arg[2])
    dict:incr("requests " .. side, 1, 0)
    return side
  end)
  return fine and side or "x"
end

local function answer(status, text)
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain"
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(text)
  return ngx.exit(ngx.HTTP_OK)
end

local function etag(state)
  return '"' .. ngx.md5(state) .. '"'
end

local function tell(state)
  ngx.header["ETag"] = etag(state)
  local x, y = dict:get("requests x") or 0, dict:get("requests y") or 0
  return answer(200, string.format("%s|%s|%d|%d", state, side_of(state, ngx.var.kum_key), x, y))
end

local function may_write()
  -- What realip makes of the address is what a client says of itself.
  local address = ngx.var.realip_remote_addr or ngx.var.remote_addr
  if not (address:match("^127%.") or address == "::1" or address == "unix:") then
    return 403, "writes are taken from loopback addresses only"
  end
  local token_file = ngx.var.kum_token_file
  if token_file and token_file ~= "" then
    local file = io.open(token_file, "r")
    local token = file and file:read("*l")
    if file then
      file:close()
    end
    if not token or token == "" then
      return 500, "the workers cannot read $kum_token_file"
    end
    -- Digests, so that the time a comparison takes tells nothing of the token.
    if ngx.md5(ngx.var.http_x_kum_token or "") ~= ngx.md5(token) then
      return 401, "X-KUM-Token is missing or wrong"
    end
  end
  return nil
end

-- Of one upgrade, later epochs and then later steps win; giving everything back to X is refused to older epochs only.
local function is_stale(wanted, state)
  local upgrade, epoch, step, weight = wanted:match("^kum1 (%x+) (%d+) (%d+) (%d+)")
  local upgrade_now, epoch_now, step_now = state:match("^kum1 (%x+) (%d+) (%d+)")
  if not upgrade or upgrade ~= upgrade_now then
    return false
  end
  epoch, step, epoch_now, step_now = tonumber(epoch), tonumber(step), tonumber(epoch_now), tonumber(step_now)
  return epoch < epoch_now or (epoch == epoch_now and step < step_now and tonumber(weight) > 0)
end

-- A bare number is a person's brake: it changes the share and leaves the marks, so that the agent sees that it was not its own.
local function by_hand(percent, state)
  local before, after = state:match("^(kum1 %x+ %d+ %d+ )%d+( %d+)$")
  return before and before .. percent .. after or "none " .. percent
end

local function keep(state, path)
  local fresh = path .. ".new"
  local file, why = io.open(fresh, "w")
  if not file then
    return nil, why
  end
  local written = file:write(state, "\n")
  local closed = file:close()
  if not (written and closed) then
    os.remove(fresh)
    return nil, "the disk may be full"
  end
  return os.rename(fresh, path)
end

local function replace(body, match)
  local path, state = ngx.var.kum_state_file or "", current()
  local probe, why = io.open(path .. ".new", "w")
  if probe then
    probe:close()
    os.remove(path .. ".new")
  end
  local wanted = body:match("^%d+$") and by_hand(body, state) or body
  local weight = weight_in(wanted)
  if not probe and weight ~= 0 then
    return 507, "the workers cannot write beside $kum_state_file: " .. tostring(why)
  end
  if match and match ~= etag(state) then
    return 412, state
  end
  if not weight then
    return 400, "the body is neither a state nor a percentage"
  end
  if is_stale(wanted, state) then
    return 409, state
  end
  -- The file first: a share on Y that cannot be kept is refused with nothing changed. All on X is in force even when the disk is full.
  local kept, reason = keep(wanted, path)
  if not kept and weight > 0 then
    return 507, "the state cannot be kept: " .. tostring(reason)
  end
  local set, problem = dict:safe_set("state", wanted)
  if not set then
    return 500, "the shared dictionary refused: " .. tostring(problem)
  end
  if not kept then
    ngx.header["X-KUM-Kept"] = "no"
  end
  return 200, wanted
end

local method = ngx.req.get_method()
if method == "GET" then
  return tell(current())
end
if method ~= "PUT" then
  ngx.header["Allow"] = "GET, PUT"
  return answer(405, "GET or PUT")
end

local refused, because = may_write()
if refused then
  return answer(refused, because)
end

-- Taken from the request: nginx itself would compare it once more, with the answer, and make every success a 412.
local match = ngx.var.http_if_match
ngx.req.clear_header("If-Match")
ngx.req.read_body()
local body = (ngx.req.get_body_data() or ""):match("^%s*(.-)%s*$")

-- One writer over all workers. Nothing below yields, so the lock is held for one write of a small file; it ends by itself with a worker that died.
local tries = 0
while not dict:safe_add("lock", true, 10) do
  tries = tries + 1
  if tries > 100 then
    return answer(503, "another write does not end")
  end
  ngx.sleep(0.02)
end
local fine, status, text = pcall(replace, body, match)
dict:delete("lock")
if not fine then
  ngx.log(ngx.ERR, "kum-split: ", status)
  return answer(500, "see nginx's error log")
end
if status == 200 then
  return tell(text)
end
return answer(status, text)
