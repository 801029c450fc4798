using Gateway.Cli.Client;
using Gateway.Cli.Devices;

namespace Gateway.Cli.Pair;

/// <summary><c>pair</c> alone: what could be paired, and how to.</summary>
internal static class PairingCandidates
{
    public static async Task<int> ListAsync(PairCommand.Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        await using (var search = await AirSearch.StartAsync(gateway, terminal))
        {
            if (search is null) return ExitCodes.Infeasible;
            terminal.Tell($"Searching for {request.Seconds} s (Ctrl-C: list at once). Put the speaker into pairing mode.");
            var told = gateway.Devices("speaker").Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
            await search.RunAsync(request.Seconds, () =>
            {
                foreach (var speaker in Unpaired(gateway).Where(s => told.Add(s.Id))) terminal.Tell($"Found {speaker.Name}.");
            }, cancellationToken);
        }

        var found = Unpaired(gateway);
        if (request.Json) WriteJson(found, request, terminal);
        else if (found.Count > 0) terminal.PrintTable([.. found.Select(s => new[] { s.Name, s.Address ?? "-", DeviceTable.Signal(s), CommandFor(s, request) })]);
        if (found.Count > 0) return ExitCodes.Fine;
        terminal.Tell("No speaker was found that is not paired yet. Put it into pairing mode (mostly: hold its Bluetooth button until it blinks), bring it near and try again.");
        return ExitCodes.PartMissing;
    }

    /// <summary>The strongest first.</summary>
    private static List<DeviceState> Unpaired(GatewayClient gateway) =>
        [.. gateway.Devices("speaker").Where(s => s.Paired == false).OrderByDescending(s => s.RssiDbm ?? double.MinValue).ThenBy(s => s.Id, StringComparer.Ordinal)];

    private static string CommandFor(DeviceState speaker, PairCommand.Request request) => $"tutti pair {speaker.Id}{new GatewayPlace(request.Config, request.Broker).Arguments}";

    private static void WriteJson(List<DeviceState> found, PairCommand.Request request, Terminal terminal) => terminal.PrintJson(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("speakers");
        foreach (var speaker in found)
        {
            json.WriteStartObject();
            json.WriteString("id", speaker.Id);
            json.WriteString("name", speaker.Name);
            json.WriteString("address", speaker.Address);
            if (speaker.RssiDbm is { } dbm) json.WriteNumber("rssi_dbm", dbm);
            else json.WriteNull("rssi_dbm");
            json.WriteString("command", CommandFor(speaker, request));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
