using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Echoes;

/// <summary>Watches the Echos' links: each has one (L1), and whatever replaces or ends it is told.</summary>
internal sealed class EchoLinks(LoopContext loop, EchoRuns echoes)
{
    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;

    public void Watch()
    {
        foreach (var echo in _view.House.Observed.Echoes)
        {
            // Where only our radio tells of it, the end of its link with us is known all the same; where its cloud will, it also says what came in its place.
            if (!echo.Link.IsKnown && !(_view.Bluetooth.Problem is null && _view.IsOurAdapter(echoes.Known(echo.Id)?.Peer) && _view.DeviceOfEcho(echo.Id) is not { Link.IsKnown: true })) continue;
            var run = echoes.Of(echo.Id);
            var peer = echo.Link.Or(null)?.Peer;
            if (run.Known) WatchLink(echo.Id, run, run.Peer, peer);
            if (run.Peer != peer || run.LinkedAt is null) run.LinkedAt = loop.Now;
            run.Known = true;
            run.Peer = peer;
        }
    }

    private void WatchLink(string echoId, EchoRun run, string? before, string? now)
    {
        if (before == now) return;
        if (now is not null && (before ?? run.Replacing) is { } replaced)
        {
            run.Replacing = null;
            run.DisconnectExpected = false;
            if (replaced != now) _journal.Happened(HouseEventType.LinkReplaced, $"{_view.NameOf(echoId)} now has its one link with {_view.NameOf(now)}; the link with {_view.NameOf(replaced)} was dropped.", echoId, now, null, "L1", "L2");
        }
        else if (now is null && run.DisconnectExpected)
        {
            run.DisconnectExpected = false;
        }
        else if (now is null && run.Replacing is null)
        {
            _journal.Happened(HouseEventType.LinkLost, $"{_view.NameOf(echoId)} lost its link with {_view.NameOf(before!)}.", echoId, before);
        }
    }
}
