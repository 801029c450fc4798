using Gateway.Timing;

namespace Gateway.Cli.Client;

/// <summary>A search of the gateway's adapters. Its end stops those again that did not search before: a search takes air time from the music.</summary>
internal sealed class AirSearch : IAsyncDisposable
{
    public const int UsualSeconds = 30;

    /// <summary>After two minutes the gateway ends a search by itself.</summary>
    public const int LongestSeconds = 120;

    private readonly GatewayClient _gateway;
    private readonly IReadOnlyList<string> _started;

    private AirSearch(GatewayClient gateway, IReadOnlyList<string> started) => (_gateway, _started) = (gateway, started);

    /// <summary>Null: the gateway would not; why was told.</summary>
    public static async Task<AirSearch?> StartAsync(GatewayClient gateway, Terminal terminal)
    {
        var resting = gateway.Devices("adapter").Where(a => a.Json.Flag("powered") == true && a.Json.Flag("discovering") != true).Select(a => a.Id).ToList();
        var answer = await gateway.AskAsync($"gateway/{gateway.GatewayId}/rescan", "PRESS", TimeSpan.FromSeconds(20), CancellationToken.None); // given up half-way it would be left on
        if (answer.IsDone) return new AirSearch(gateway, resting);
        terminal.Tell($"The search did not begin ({answer.Result}): {answer.Reason}");
        return null;
    }

    /// <summary>Waits for its time, or until Ctrl-C, which only ends the search.</summary>
    /// <param name="look">Called with every change.</param>
    public async Task RunAsync(int seconds, Action look, CancellationToken cancellationToken)
    {
        var search = _gateway.UntilAsync(() =>
        {
            look();
            return false;
        }, TimeSpan.FromSeconds(seconds), cancellationToken);
        await ((Task)search).Ended();
        if (!search.IsCanceled) await search;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Whatever became of what it was for, and also after Ctrl-C.
            foreach (var adapter in _started) await _gateway.AskAsync($"adapter/{adapter}/discovering", "OFF", GatewayClient.FirstAnswer, CancellationToken.None);
        }
        catch (GatewayClientException)
        {
            // It ends by itself.
        }
    }
}
