using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Echoes;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Speakers;

/// <summary>Watches the speakers' links: what comes and goes is told, counted, and decides when the next try is due.</summary>
internal sealed class SpeakerLinks(LoopContext loop, SpeakerRuns speakers, LinkHistory history)
{
    private static readonly TimeSpan s_afterGoodbye = TimeSpan.FromSeconds(9);

    /// <summary>A speaker at whose answers bluetoothd dies again and again (bluez/bluez#166) must not take everybody's sound away each time.</summary>
    private static readonly TimeSpan s_missingPause = TimeSpan.FromMinutes(1);

    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;

    public void Watch()
    {
        // At most a handful of Echos play to speakers of ours at a time.
        var holders = _view.House.Observed.Echoes.Where(e => e.Link is { IsKnown: true, Value.Role: LinkRole.PlaysTo }).ToLookup(e => e.Link.Value!.Peer, e => e.Id, StringComparer.Ordinal);
        foreach (var speaker in _view.Registry.Effective.Speakers) WatchSpeaker(speaker, holders[speaker.Id].FirstOrDefault());
    }

    private void WatchSpeaker(ConfiguredSpeaker speaker, string? echo)
    {
        var run = speakers.Of(speaker.Id);
        var radio = _view.ConnectedRadioOf(speaker.Id);
        var held = radio is null && (echo is not null || (!run.RefusalForgotten && _view.RadioOf(speaker.Address).Any(d => d.HeldElsewhere)));
        if (run.WasConnected && radio is null) Lost(speaker, run);
        if (!run.WasConnected && radio is not null) Linked(speaker, run);
        if (held && !run.HeldElsewhere) TellHeld(speaker, echo);
        run.WasConnected = radio is not null;
        run.Adapter = radio?.Adapter ?? run.Adapter;
        run.HeldElsewhere = held;
    }

    private void TellHeld(ConfiguredSpeaker speaker, string? echo)
    {
        if (echo is null) _journal.Happened("held_elsewhere", $"{speaker.Name} is connected to another phone or computer. Disconnect it there, and it comes back by itself.", speaker.Id);
        else _journal.Happened("held_elsewhere", $"{speaker.Name} is connected to {_view.NameOf(echo)}. Set that Echo's Bluetooth to {EchoOptions.Disconnected} to have it here.", speaker.Id, echo, null, "L2");
    }

    private void Lost(ConfiguredSpeaker speaker, SpeakerRun run)
    {
        run.VolumeApplied = false;
        if (run.DisconnectExpected)
        {
            run.DisconnectExpected = false;
            return;
        }

        run.Dropouts++;
        run.LostAt = loop.Now;
        if (OurOwnFault(run) is { } ours)
        {
            // That says nothing about the speaker, and it may come back as soon as we can have it.
            _journal.Happened("link_lost", $"{speaker.Name} lost its link: {ours}", speaker.Id);
            return;
        }

        history.Add(speaker.Id, loop.WallNow, LinkEventKind.Dropout);
        // Who ended the link itself was switched off, or went to somebody else: it comes back by itself, or is looked for later. To page a
        // speaker that is not there takes the radio from the others for 5 s each time. Who fell silent may only have passed behind a wall.
        run.RetryAt = loop.Now + speakers.BackoffOf(speaker.Id).Failed(_view.RadioOf(speaker.Address).Any(r => r.FellSilent) ? default : s_afterGoodbye);
        _journal.Happened("link_lost", $"{speaker.Name} lost its link without being asked to. Is it off, out of reach, or taken by a phone?", speaker.Id);
    }

    private string? OurOwnFault(SpeakerRun run) =>
        _view.Bluetooth.Problem is { } problem ? problem
        : run.Adapter is { } adapter && _view.Bluetooth.Adapters.FirstOrDefault(a => a.Address == adapter) is not { Powered: true } ? "its adapter was unplugged or switched off."
        : null;

    private void Linked(ConfiguredSpeaker speaker, SpeakerRun run)
    {
        run.LinkedAt = loop.Now;
        speakers.BackoffOf(speaker.Id).Succeeded();
        (run.AwaySince, run.PartsMissing) = (null, 0);
        history.Add(speaker.Id, loop.WallNow, LinkEventKind.Connected);
        run.RetryAt = null;
        run.LastError = null;
        run.DisconnectExpected = false;
        if (run.LostAt is not { } lostAt) return;
        run.ReconnectS = Math.Round((loop.Now - lostAt).TotalSeconds, 1);
        run.LostAt = null;
        _journal.Happened("link_restored", $"{speaker.Name} is linked again after {run.ReconnectS:0.#} s.", speaker.Id);
    }

    /// <summary>What the last try met is old news from here on: another phone may have let it go long since, and nobody will find out.</summary>
    public void NobodyWaitsFor(string id)
    {
        var run = speakers.Of(id);
        run.LastError = null;
        run.RefusalForgotten = true;
        Watch();
    }

    public void NoteFailure(StepFailure failure)
    {
        // An Echo that receives (L7) is a member like any other: it has its tries and waits too.
        var run = speakers.Of(failure.Target.Step.Device);
        run.LastError = new ErrorDocument(failure.Text, failure.Error == PortError.NoCapacity ? "T4" : _view.CatalogueOf(failure.Target.Step.Device)?.Rule);
        run.AwaySince ??= loop.Now;
        run.PartsMissing = failure.Error == PortError.PartMissing ? run.PartsMissing + 1 : 0;
        var away = PauseAfter(loop.Now - run.AwaySince.Value);
        run.RetryAt = loop.Now + speakers.BackoffOf(failure.Target.Step.Device).Failed(run.PartsMissing >= 3 && away < s_missingPause ? s_missingPause : away);
        // A speaker that is off says nothing of its stability; one that is there and refuses does.
        if (failure.Error == PortError.HeldElsewhere)
        {
            run.RefusalForgotten = false;
            Watch();
        }

        if (failure.Error is not (PortError.NotReachable or PortError.TimedOut)) history.Add(failure.Target.Step.Device, loop.WallNow, LinkEventKind.ConnectFailed);
    }

    /// <summary>Each try pages for 5 s and takes air time from those who play: a speaker that stays off is asked less and less often (most call by themselves when switched on).</summary>
    private static TimeSpan PauseAfter(TimeSpan away) =>
        away > TimeSpan.FromMinutes(30) ? TimeSpan.FromMinutes(2)
        : away > TimeSpan.FromMinutes(3) ? TimeSpan.FromSeconds(30)
        : TimeSpan.Zero;
}
