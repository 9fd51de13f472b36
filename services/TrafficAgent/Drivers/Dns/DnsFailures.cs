using System.Net;
using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>What can go wrong with name servers, with the command that shows or cures it.</summary>
internal static class DnsFailures
{
    private const string Guide = "docs/traffic/dns.md";

    public static StepFailedException Unreachable(IPEndPoint server, DnsName published, TimeSpan within) => new(new Failure
    {
        Code = FailureCodes.BalancerUnreachable,
        Message = $"The name server {server} does not answer within {within}.",
        Remedy = $"See that it runs and that UDP and TCP reach it from the agent's host: {Dig(server)} {published.Zone} SOA. A server that is out of service must leave the zone's NS records, or traffic.settings.servers.",
        IsTransient = true,
    });

    public static StepFailedException NotAuthoritative(IPEndPoint server, DnsName published, ReturnCode? answer) => Refused(
        $"The name server {server} does not serve the zone {published.Zone}.",
        $"Correct traffic.settings.zone or the list of servers, or configure and load the zone there: {Dig(server)} {published.Zone} SOA must carry the flag aa.",
        answer?.ToString() ?? "not authoritative");

    public static StepFailedException QueryRefused(IPEndPoint server, ReturnCode answer) => Refused(
        $"The name server {server} refuses the question.",
        "Allow queries of the agent's address, and look into the server's log.",
        answer.ToString(),
        isTransient: answer == ReturnCode.ServerFailure);

    public static StepFailedException KeyRefused(IPEndPoint server, DnsOptions options, ReturnCode error) => (int)error switch
    {
        16 => Refused(
            $"The name server {server} says that the signature by key {options.Key} is wrong (BADSIG).",
            "Give the agent the same secret and algorithm as the server has for this key (traffic.settings.tsigSecret, tsigAlgorithm); then: kum retry.",
            "NOTAUTH, BADSIG"),
        18 => Refused(
            $"The name server {server} says that the signature's time is wrong (BADTIME).",
            "Set the clocks of the agent's host and the server right (timedatectl); they may differ by five minutes at most; then: kum retry.",
            "NOTAUTH, BADTIME",
            isTransient: true),
        _ => Refused(
            $"The name server {server} does not take the key {options.Key} for {options.Published.Name} (BADKEY).",
            $"Add the key to the server under exactly this name and algorithm, and let it update {options.Published.Name} and {options.Published.RecordName} (Knot answers the same when only the latter is missing): {Guide} has the lines; then: kum retry.",
            $"NOTAUTH, TSIG error {(int)error}"),
    };

    public static StepFailedException UpdateRefused(IPEndPoint server, DnsName published, ReturnCode answer) => answer == ReturnCode.ServerFailure
        ? Refused(
            $"The name server {server} could not carry out the update.",
            "Look into its log: most often its journal cannot be written (owner of the zone's directory, full disk); then: kum retry.",
            "SERVFAIL",
            isTransient: true)
        : Refused(
            $"The name server {server} refuses the update of {published.Name} ({answer}).",
            $"See that it is the primary of {published.Zone}, that the zone is dynamic, and that the key may update A and AAAA of {published.Name} and TXT of {published.RecordName}: {Guide} has the lines; then: kum retry.",
            answer.ToString());

    public static StepFailedException UnsignedReply(IPEndPoint server) => Refused(
        $"The name server {server} confirmed the update without a valid signature, so it is not known whether it was done.",
        "See that nothing between agent and server answers in its place; then: kum retry.",
        "TSIG of the reply missing or invalid",
        isTransient: true);

    public static StepFailedException Overtaken(IPEndPoint server, DnsName published) => Refused(
        $"Records of {published.Name} on {server} changed again and again while they were to be updated.",
        "Find out who else updates the name and stop it; then: kum retry.",
        "NXRRSET",
        isTransient: true);

    public static StepFailedException Differs(IPEndPoint server, DnsName published, TimeSpan within, string seen) => new(new Failure
    {
        Code = FailureCodes.SplitNotInForce,
        Message = $"The name server {server} does not answer as the primary after {within}: {seen}.",
        Remedy = $"Bring its copy of {published.Zone} up to date (rndc refresh {published.Zone}, knotc zone-refresh {published.Zone}, or pdns_control retrieve {published.Zone} there; see NOTIFY and transfer rights), or take it out of service; then: kum retry.",
        IsTransient = true,
    });

    public static StepFailedException TtlRaised(DnsName published, TimeSpan seen) => new(new Failure
    {
        Code = FailureCodes.SplitForeign,
        Message = $"The addresses of {published.Name} may be kept for {seen}, more than the {published.Ttl} that a restore may take: somebody has raised their time to live.",
        Remedy = "Nothing was changed. Stop whoever writes the zone; then: kum rollback and kum retry, which lowers it again and waits for the old one to pass.",
    });

    public static StepFailedException NoServers(DnsName published, string why) => Refused(
        $"The authoritative servers of {published.Zone} cannot be found.",
        "List them, hidden primaries aside, in traffic.settings.servers.",
        why);

    private static string Dig(IPEndPoint server) => $"dig @{server.Address} -p {server.Port}";

    private static StepFailedException Refused(string message, string remedy, string detail, bool isTransient = false) => new(new Failure
    {
        Code = FailureCodes.BalancerRefused,
        Message = message,
        Remedy = remedy,
        Details = [detail],
        IsTransient = isTransient,
    });
}
