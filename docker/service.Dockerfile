# One service of the mesh, built from source.
#   docker build -f docker/service.Dockerfile --build-arg SERVICE=Coordinator -t kong-upgrade-mesh/coordinator .
# SERVICE   folder under services/
# PACKAGES  Debian or Ubuntu packages that the service's steps need, for example postgresql-client for the backup agent
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG SERVICE
WORKDIR /source
COPY . .
RUN dotnet publish "services/$SERVICE/$SERVICE.csproj" -c Release -o /out/app -p:RestoreLockedMode=true \
 && dotnet publish cli/Cli.csproj -c Release -o /out/probe -p:RestoreLockedMode=true

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ARG SERVICE
ARG PACKAGES=""
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install -y --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi \
 && mkdir -p /var/lib/kong-upgrade-mesh && chown "$APP_UID" /var/lib/kong-upgrade-mesh
# Breaking the glass; of use in the traffic agent's image only.
RUN if [ "$SERVICE" = TrafficAgent ]; then \
      printf '#!/bin/sh\nexec dotnet /app/KongUpgradeMesh.TrafficAgent.dll "$@"\n' >/usr/local/bin/kum-traffic && chmod +x /usr/local/bin/kum-traffic; \
    fi
# Judging by hand; of use in the monitor agent's image only.
RUN if [ "$SERVICE" = MonitorAgent ]; then \
      printf '#!/bin/sh\nexec dotnet /app/KongUpgradeMesh.MonitorAgent.dll judge "$@"\n' >/usr/local/bin/kum-judge && chmod +x /usr/local/bin/kum-judge; \
    fi
COPY --from=build /out/app /app
# The command line is there for its probe: the image has no other HTTP client.
COPY --from=build /out/probe /probe
ENV SERVICE=$SERVICE ASPNETCORE_HTTP_PORTS=8080
USER $APP_UID
EXPOSE 8080
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet /app/KongUpgradeMesh.$SERVICE.dll \"$@\"", "kum"]
