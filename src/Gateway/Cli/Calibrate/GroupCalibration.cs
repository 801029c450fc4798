using Gateway.Cli.Client;
using Gateway.Configuration;
using Gateway.House;

namespace Gateway.Cli.Calibrate;

/// <summary><c>calibrate GROUP</c>: asks the running gateway for it over the broker, as Home Assistant's button does, and waits for the end.</summary>
internal static class GroupCalibration
{
    /// <summary>Two runs of 20 s at most, and a machine that is busy.</summary>
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(120);

    public sealed record Request(string? Group, string? Config, bool Json, string? Broker = null);

    public static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellationToken)
    {
        if (request.Group is not { } wanted)
        {
            terminal.Tell("It is not said what to calibrate. Give a group of the running gateway (tutti calibrate GROUP), or see tutti calibrate probe --help.");
            return ExitCodes.UsageOrConfiguration;
        }

        return await ClientCommand.RunAsync(
            new GatewayPlace(request.Config, request.Broker), "calibrate", terminal, gateway => CalibrateAsync(request, wanted, gateway, terminal, cancellationToken),
            ("Stopped waiting; the gateway finishes the calibration by itself.", ExitCodes.MeasurementRejected), cancellationToken);
    }

    private static async Task<int> CalibrateAsync(Request request, string wanted, GatewayClient gateway, Terminal terminal, CancellationToken cancellationToken)
    {
        var names = new NameBook();
        foreach (var known in gateway.Devices("group")) names.Add(DeviceKind.Group, known.Id, known.Name);
        var found = names.Find(wanted, DeviceKind.Group);
        if (found.Entry is not { } group)
        {
            terminal.Tell($"{found.Message} {found.Remedy}".TrimEnd());
            return ExitCodes.UsageOrConfiguration;
        }

        var heardFailure = false; // a speaker of the group was named as not measured
        gateway.Happened += e => heardFailure |= e.Type == HouseEventType.CalibrationFailed && e.Group == group.Id;
        var end = await gateway.AskAsync($"group/{group.Id}/calibrate", "PRESS", s_end, cancellationToken, _ =>
        {
            if (!request.Json) terminal.Tell($"{group.Name}: each speaker plays its noise for some 15 s, and the microphone listens.");
        });
        if (request.Json) terminal.PrintJson(end.Json.WriteTo);
        else if (end.IsDone) terminal.Print(end.Reason ?? "");
        else terminal.Tell($"{group.Name} was not calibrated ({end.Result}): {end.Reason}");
        // Done with some speakers left out is not all.
        return end.IsDone && !heardFailure ? ExitCodes.Fine : ExitCodes.MeasurementRejected;
    }
}
