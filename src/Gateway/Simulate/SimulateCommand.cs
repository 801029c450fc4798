using System.CommandLine;
using System.Text;
using System.Text.Json;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Simulation;

namespace Gateway.Simulate;

/// <summary><c>tutti simulate echo</c>: the simulated Echo cloud alone, for any client of the Alexa web API.</summary>
internal static class SimulateCommand
{
    public static Command Create() => new("simulate", "Simulate a part of the house, for other programs") { Echo(), LaterCommands.SimulateHouse() };

    private static Command Echo()
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; default: a free one" };
        var house = new Option<string?>("--house") { Description = "The account's Echos: a house file as for plan --house, each Echo with serial, type, name and paired; default: an example", HelpName = "FILE" };
        var command = new Command("echo", "Simulate Amazon's Echo cloud over TLS; prints its address, authority and refresh token") { port, house };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(port), parsed.GetValue(house), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int port, string? house, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (port is < 0 or > 65535)
        {
            await error.WriteLineAsync("--port takes 1 to 65535.");
            return ExitCodes.UsageOrConfiguration;
        }

        var account = house is null ? new LoadResult<SimulatedAccount>(SimulatedAccount.Example, []) : AccountFile.Load(house);
        foreach (var problem in account.Errors) await error.WriteLineAsync(problem.ToString());
        if (account.Value is null) return ExitCodes.UsageOrConfiguration;
        SimulatedAlexa cloud;
        try
        {
            cloud = await SimulatedAlexa.StartAsync(account.Value, CatalogueLoader.BuiltIn, port, TimeProvider.System);
        }
        catch (IOException no)
        {
            await error.WriteLineAsync($"Port {port} on 127.0.0.1 cannot be used: {no.Message} Choose another with --port, or leave it out.");
            return ExitCodes.UsageOrConfiguration;
        }

        await using (cloud)
        {
            await output.WriteLineAsync(Ready(cloud));
            await output.FlushAsync(cancellationToken);
            var end = new TaskCompletionSource();
            await using var ended = cancellationToken.Register(() => end.TrySetResult());
            await end.Task;
        }

        return ExitCodes.Fine;
    }

    private static string Ready(SimulatedAlexa cloud)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("ready", true);
            json.WriteString("url", cloud.Url.GetLeftPart(UriPartial.Authority));
            json.WriteString("ca", cloud.AuthorityFile);
            json.WriteString("refresh_token", cloud.RefreshToken);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
