using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gateway.Cli.Client;

namespace Gateway.Cli.Devices;

/// <summary><c>tutti devices</c>: what the running gateway knows, and with <c>--scan</c> what is on the air.</summary>
internal static class DevicesCommand
{
    private static readonly (string Kind, string Plural)[] s_kinds = [("adapter", "adapters"), ("speaker", "speakers"), ("echo", "echoes"), ("transmitter", "transmitters")];

    public sealed record Request(bool Scan, int Seconds, string? Config, bool Json, string? Broker = null);

    public static Command Create()
    {
        var scan = new Option<bool>("--scan") { Description = "Search the air first, and mark what is new" };
        var seconds = SearchSeconds();
        var config = ClientCommand.Config();
        var broker = ClientCommand.Broker();
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout: the state documents (docs/mqtt.md), and the ids of what is new" };
        var command = new Command("devices", "List the running gateway's adapters, speakers, Echos, transmitters and phones, and their state") { scan, seconds, config, broker, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Request(parsed.GetValue(scan), parsed.GetValue(seconds), parsed.GetValue(config), parsed.GetValue(json), parsed.GetValue(broker)), ClientCommand.TerminalOf(parsed), cancellationToken));
        return command;
    }

    public static Option<int> SearchSeconds() => new("--seconds")
    {
        Description = $"How long to search, 1 to {AirSearch.LongestSeconds}",
        HelpName = "N",
        DefaultValueFactory = _ => AirSearch.UsualSeconds,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= AirSearch.LongestSeconds) return number;
            result.AddError($"--seconds {result.Tokens[0].Value}: give a whole number from 1 to {AirSearch.LongestSeconds}.");
            return 0;
        },
    };

    public static Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellationToken) => ClientCommand.RunAsync(
        new GatewayPlace(request.Config, request.Broker), "devices", terminal, gateway => ListAsync(request, gateway, terminal, cancellationToken), ("Stopped.", ExitCodes.PartMissing), cancellationToken);

    private static async Task<int> ListAsync(Request request, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var known = gateway.Devices("speaker").Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        if (request.Scan)
        {
            await using var search = await AirSearch.StartAsync(gateway, terminal);
            if (search is null) return ExitCodes.Infeasible;
            terminal.Tell($"Searching for {request.Seconds} s (Ctrl-C: list at once). A speaker shows itself in pairing mode.");
            await search.RunAsync(request.Seconds, () => { }, cancellationToken);
        }

        bool IsNew(DeviceState device) => request.Scan && device.Kind == "speaker" && !known.Contains(device.Id);
        if (request.Json) terminal.PrintJson(json => Write(json, gateway, IsNew));
        else DeviceTable.Print(gateway, IsNew, terminal);
        return ExitCodes.Fine;
    }

    private static void Write(Utf8JsonWriter json, GatewayClient gateway, Func<DeviceState, bool> isNew)
    {
        json.WriteStartObject();
        json.WritePropertyName("gateway");
        if (gateway.Gateway is { } own) own.Json.WriteTo(json);
        else json.WriteNullValue();
        foreach (var (kind, plural) in s_kinds)
        {
            json.WriteStartArray(plural);
            foreach (var device in gateway.Devices(kind)) device.Json.WriteTo(json);
            json.WriteEndArray();
        }

        json.WriteStartArray("new");
        foreach (var device in gateway.Devices("speaker").Where(isNew)) json.WriteStringValue(device.Id);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
