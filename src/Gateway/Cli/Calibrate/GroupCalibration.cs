using System.Text.Json;
using Gateway.Configuration;
using Gateway.HomeAssistant.Supervisor;

namespace Gateway.Cli.Calibrate;

/// <summary><c>calibrate GROUP</c>: asks the running gateway for it over the broker, as Home Assistant's button does, and waits for the end.</summary>
internal static class GroupCalibration
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);

    /// <summary>Two runs of 20 s at most, and a machine that is busy.</summary>
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(120);

    public sealed record Request(string? Group, string? Config, bool Json);

    public static async Task<int> RunAsync(Request request, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (await FindAsync(request, error, cancellationToken) is not { } found) return ExitCodes.UsageOrConfiguration;
        var (configuration, group) = found;
        try
        {
            await using var gateway = await GatewayClient.ConnectAsync(configuration, group.Id, cancellationToken);
            await gateway.FindGatewayAsync(s_answer, cancellationToken);
            await gateway.PressAsync("calibrate", cancellationToken);
            var answer = await gateway.NextAnswerAsync(s_answer, cancellationToken);
            if (ResultOf(answer) == "accepted")
            {
                if (!request.Json) error.WriteLine($"{group.Name}: each speaker plays its noise for some 15 s, and the microphone listens.");
                answer = await gateway.NextAnswerAsync(s_end, cancellationToken);
            }

            return Tell(request, group, answer, gateway.HeardFailure, output, error);
        }
        catch (GatewayClientException no)
        {
            error.WriteLine(no.Message);
            return ExitCodes.PartMissing;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            error.WriteLine("Stopped waiting; the gateway finishes the calibration by itself.");
            return ExitCodes.MeasurementRejected;
        }
    }

    private static async Task<(TuttiConfiguration Configuration, NameBook.Entry Group)?> FindAsync(Request request, TextWriter error, CancellationToken cancellationToken)
    {
        if (request.Group is not { } wanted)
        {
            error.WriteLine("It is not said what to calibrate. Give a group of the running gateway (tutti calibrate GROUP), or see tutti calibrate probe --help.");
            return null;
        }

        var app = SupervisorSetup.FromEnvironment();
        if ((request.Config ?? ConfigurationPath.Default()) is not { } path)
        {
            error.WriteLine("There is no configuration that says where the gateway's broker is. Give the running gateway's with --config FILE.");
            return null;
        }

        var result = ConfigurationLoader.Load(path);
        foreach (var problem in result.Errors) error.WriteLine(problem);
        if (result.Configuration is not { } configuration) return null;
        var group = NameBook.Of(configuration.House).Find(wanted, DeviceKind.Group);
        if (group.Entry is not { } entry)
        {
            error.WriteLine($"{group.Message} {group.Remedy}".TrimEnd());
            return null;
        }

        return (app is null ? configuration : (await app.CompleteAsync(configuration, cancellationToken)).Configuration, entry);
    }

    private static int Tell(Request request, NameBook.Entry group, JsonElement answer, bool heardFailure, TextWriter output, TextWriter error)
    {
        var isDone = ResultOf(answer) == "done";
        var reason = answer.TryGetProperty("reason", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
        if (request.Json) output.WriteLine(answer.GetRawText());
        else if (isDone) output.WriteLine(reason);
        else error.WriteLine($"{group.Name} was not calibrated ({ResultOf(answer)}): {reason}");
        // Done with some speakers left out is not all.
        return isDone && !heardFailure ? ExitCodes.Fine : ExitCodes.MeasurementRejected;
    }

    private static string ResultOf(JsonElement answer) => answer.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.String ? result.GetString()! : "no result";
}
