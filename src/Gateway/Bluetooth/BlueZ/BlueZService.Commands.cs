using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

internal sealed partial class BlueZService
{
    /// <summary>After BlueZ said yes, its signals need a moment to say the same.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(30);

    /// <summary>Search and pairing together: within the minute that any command may take.</summary>
    private static readonly TimeSpan PairTime = TimeSpan.FromSeconds(55);

    public async Task ConnectAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        var known = target.Device ?? throw Unknown(target);
        if (known.Link == RadioLink.Connected) return;
        if (!known.Paired) throw new PortException(PortError.NotPaired, $"{target.Name} is not paired on {target.AdapterName}.", "Pair it first.");
        RequirePower(target);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        facts.BeginAttempt();
        target.Session.Post(FactsChanged.Instance);
        try
        {
            await target.Session.GateOf(target.AdapterName).RunAsync(() => ConnectNowAsync(target, known, cancellationToken), cancellationToken, facts.FailedAt);
            (facts.HeldElsewhere, facts.FailedAt) = (false, 0);
        }
        catch (PortException error)
        {
            facts.HeldElsewhere = error.Error == PortError.HeldElsewhere;
            facts.FailedAt = time.GetUtcNow().Ticks;
            if (error is { Error: PortError.NoCapacity, InnerException: not null }) LearnRoom(target);
            throw;
        }
        finally
        {
            facts.EndAttempt();
            // Whoever asked finds the outcome shown, never an attempt that is over.
            await target.Session.ShownAsync();
        }
    }

    public async Task DisconnectAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        if (target.Device is null) throw Unknown(target);
        try
        {
            // The whole link: a speaker shall be free for others, and may go to sleep.
            await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Disconnect", $"Disconnecting {target.Name}", BlueZBus.Short, cancellationToken);
        }
        catch (PortException error) when (error.IsNamed("NotConnected"))
        {
            return;
        }

        await WaitForAsync(() => Find(target)?.Link != RadioLink.Connected, $"Disconnecting {target.Name}", cancellationToken);
    }

    public async Task PairAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        RequirePower(target);
        if (target.Device is { Paired: true }) return;
        using var limit = new CancellationTokenSource(PairTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var gate = target.Session.GateOf(target.AdapterName);
        try
        {
            if (target.Device is null) await SearchAsync(target, gate, both.Token);
            _shared.Agent.Expect(target.Path, true);
            await gate.RunAsync(() => PairNowAsync(target, both.Token), both.Token);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw BlueZErrors.Make(
                PortError.TimedOut, $"Pairing with {target.Name}", $"it did not end within {PairTime.TotalSeconds:0} s", "Put the device into pairing mode, bring it nearer and try again.", error);
        }
        finally
        {
            _shared.Agent.Expect(target.Path, false);
        }
    }

    public async Task ForgetAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        if (target.Device is null) return;
        try
        {
            await target.Session.Bus.CallAsync(
                target.AdapterPath, BlueZNames.Adapter, "RemoveDevice", "o", target.Path, $"Forgetting {target.Name}", BlueZBus.Short, cancellationToken);
        }
        catch (PortException error) when (error.Error == PortError.UnknownDevice)
        {
            // Forgotten already.
        }

        _shared.Facts.Forget(target.Adapter.Address, target.Address);
        await WaitForAsync(() => Find(target)?.Paired != true, $"Forgetting {target.Name}", cancellationToken);
    }

    public async Task SetPoweredAsync(string adapter, bool powered, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        var what = $"Switching {found.Name} {(powered ? "on" : "off")}";
        await session.Bus.SetAsync($"{BlueZNames.Root}/{found.Name}", BlueZNames.Adapter, "Powered", VariantValue.Bool(powered), what, cancellationToken);
        await WaitForAsync(() => Current.Adapters.Any(a => a.Address == found.Address && a.Powered == powered), what, cancellationToken);
    }

    public async Task SetDiscoveringAsync(string adapter, bool discovering, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        if (discovering && !found.Powered) throw NotPowered(found);
        await session.GateOf(found.Name).SetUserSearchAsync(discovering, cancellationToken);
    }

    public async Task SetPairingModeAsync(string adapter, bool on, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        if (on && !found.Powered) throw NotPowered(found);
        var path = $"{BlueZNames.Root}/{found.Name}";
        var what = on ? $"Opening {found.Name} for pairing" : $"Closing {found.Name} for pairing";
        _shared.Agent.Invite(path, on);
        try
        {
            await OpenForPairingAsync(session, path, on, what, cancellationToken);
        }
        catch
        {
            _shared.Agent.Invite(path, false);
            throw;
        }

        await WaitForAsync(() => Current.Adapters.Any(a => a.Address == found.Address && a.Discoverable == on), what, cancellationToken);
        if (on && Current.Adapters.FirstOrDefault(a => a.Address == found.Address)?.Advice is { } advice) BluetoothLog.AdapterAdvice(logger, advice);
    }

    private static async Task OpenForPairingAsync(BlueZSession session, string path, bool on, string what, CancellationToken cancellationToken)
    {
        if (on)
        {
            var seconds = VariantValue.UInt32((uint)PairingAgent.PairingModeTime.TotalSeconds);
            // Whoever pairs with us asks the default agent.
            await session.Bus.CallAsync(BlueZNames.Root, BlueZNames.AgentManager, "RequestDefaultAgent", "o", Callbacks.AgentPath, what, BlueZBus.Short, cancellationToken);
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "DiscoverableTimeout", seconds, what, cancellationToken);
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "PairableTimeout", seconds, what, cancellationToken);
        }

        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Pairable", VariantValue.Bool(on), what, cancellationToken);
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(on), what, cancellationToken);
    }

    public async Task SetVolumeAsync(string adapter, string device, int percent, CancellationToken cancellationToken)
    {
        if (percent is < 0 or > 100) throw new ArgumentOutOfRangeException(nameof(percent), percent, "A volume is 0 to 100.");
        var target = Find(adapter, device);
        if (target.Device is null) throw Unknown(target);
        if (target.Device.Link != RadioLink.Connected) throw new PortException(PortError.NotReachable, $"{target.Name} is not connected.", "Connect it first.");
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        if (_shared.Shown.Transports.GetValueOrDefault(target.Path) is { Volume: not null } transport)
        {
            await target.Session.SetVolumeAsync(transport.Path, facts, percent, target.Name, cancellationToken);
        }
        else if (_shared.OwnsAudio)
        {
            facts.SoftwareVolume = percent;
        }
        else
        {
            throw new PortException(PortError.PartMissing, $"{target.Name} has no volume over Bluetooth.", "Set it at the speaker, or in the sound server.");
        }

        target.Session.Post(FactsChanged.Instance);
    }

    /// <summary>A stream of it stalled: show it as gone, and have BlueZ close the link, which would take 20 s by itself.</summary>
    internal void Suspect(string adapter, string device)
    {
        var facts = _shared.Facts.Of(adapter, device);
        facts.Vanished = true;
        if (_session is not { } session || Current.Adapters.FirstOrDefault(a => a.Address == adapter) is not { } found) return;
        session.Post(FactsChanged.Instance);
        // Where that fails the link is gone already, or ends by its own time-out.
        _ = TryAsync(session.Bus.CallAsync(PathOf(found.Name, device), BlueZNames.Device, "Disconnect", $"Closing the link to {device}", BlueZBus.Short, CancellationToken.None));
    }

    private async Task ConnectNowAsync(Target target, RadioDevice known, CancellationToken cancellationToken)
    {
        if (Find(target)?.Link == RadioLink.Connected) return; // it came by itself while we waited for our turn
        RequireRoom(target);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        if (facts.Vanished) await EndLinkAsync(target, cancellationToken);
        var plain = facts.Plain || options.PlainFirst(known);
        var handshake = target.Session.Handshakes.Begin(target.AdapterName, plain);
        try
        {
            await ConnectProfileAsync(target, known, cancellationToken);
        }
        catch (PortException error) when (!plain && handshake.Asked && MayBeTheConfiguration(error))
        {
            // S5: it was there and broke off over what was offered, as some models do with newer stacks.
            BluetoothLog.TryingPlain(logger, target.Name, error.Message);
            target.Session.Handshakes.Begin(target.AdapterName, plain: true);
            await ConnectProfileAsync(target, known, cancellationToken);
            plain = true;
        }
        finally
        {
            target.Session.Handshakes.End(target.AdapterName);
        }

        facts.Plain = plain;
    }

    private static bool MayBeTheConfiguration(PortException error) => error.Error is PortError.Other or PortError.TimedOut or PortError.PairingRejected;

    private async Task ConnectProfileAsync(Target target, RadioDevice known, CancellationToken cancellationToken)
    {
        var what = $"Connecting to {target.Name}";
        var profile = known.IsSpeaker ? BlueZNames.AudioSink : BlueZNames.AudioSource;
        try
        {
            var connect = target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "ConnectProfile", "s", profile, what, BlueZBus.Long, cancellationToken);
            await PageAsync(target, connect, what, cancellationToken);
        }
        catch (PortException error) when (error.IsNamed("AlreadyConnected", "InProgress") || error.Message.Contains("already-connected", StringComparison.Ordinal))
        {
            // The speaker is connecting by itself, or BlueZ holds the profile already.
        }
        catch (OperationCanceledException)
        {
            // BlueZ would go on paging it, and no other device could be connected meanwhile.
            await TryAsync(target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "DisconnectProfile", "s", profile, what, BlueZBus.Short, CancellationToken.None));
            throw;
        }

        await WaitForAsync(() => Find(target)?.Link == RadioLink.Connected, what, cancellationToken);
    }

    /// <summary>A speaker that was given up for gone, and whose link still stands.</summary>
    private async Task EndLinkAsync(Target target, CancellationToken cancellationToken)
    {
        var what = $"Ending the dead link to {target.Name}";
        await TryAsync(target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken));
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        var gone = await ReachedAsync(() => !_shared.Shown.Transports.ContainsKey(target.Path), SettleTime, cancellationToken);
        if (!gone) facts.Vanished = false; // BlueZ insists that it is there
    }

    private async Task PairNowAsync(Target target, CancellationToken cancellationToken)
    {
        var what = $"Pairing with {target.Name}";
        try
        {
            await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Pair", what, BlueZBus.Long, cancellationToken);
        }
        catch (PortException error) when (error.IsNamed("AlreadyExists"))
        {
            // Paired already: adopted.
        }
        catch (OperationCanceledException)
        {
            await TryAsync(target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "CancelPairing", what, BlueZBus.Short, CancellationToken.None));
            throw;
        }

        await target.Session.Bus.SetAsync(target.Path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {target.Name}", cancellationToken);
        await WaitForAsync(() => Find(target)?.Paired == true, what, cancellationToken);
    }

    /// <summary>A call whose failure changes nothing.</summary>
    private static async Task TryAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (PortException)
        {
        }
    }

    private async Task SearchAsync(Target target, AdapterGate gate, CancellationToken cancellationToken)
    {
        await gate.StartAsync(cancellationToken);
        try
        {
            await WaitForAsync(() => Find(target) is not null, $"Finding {target.Name}", cancellationToken, SearchTime);
        }
        catch (PortException error) when (error.Error == PortError.TimedOut)
        {
            throw new PortException(PortError.NotReachable, $"{target.Name} was not found by {target.AdapterName} within {SearchTime.TotalSeconds:0} s.", "Put it into pairing mode and bring it nearer.", error);
        }
        finally
        {
            await gate.StopAsync(CancellationToken.None);
        }
    }

    // T4: say so before the radio does; what BlueZ says then is worse.
    private void RequireRoom(Target target)
    {
        if (!_shared.OwnsAudio) return;
        var most = options.StreamsOf(target.AdapterName, target.Adapter.Address, target.Adapter.LearnedStreams);
        if (_shared.Streams.CountOn(target.AdapterPath) < most) return;
        throw new PortException(
            PortError.NoCapacity, $"{target.AdapterName} carries {most} stream(s) already, which is all it may (T4), so {target.Name} finds no room.",
            "Disconnect a speaker, pair it on another adapter, or raise max_streams of this one.");
    }

    // BlueZ or the radio itself had no room: the planner need not run into that again.
    private void LearnRoom(Target target)
    {
        var carried = _shared.Streams.CountOn(target.AdapterPath);
        if (carried == 0) return; // then it is not the number
        _shared.LearnedStreams[target.Adapter.Address] = carried;
        BluetoothLog.LearnedRoom(logger, target.AdapterName, carried);
    }

    private static void RequirePower(Target target)
    {
        if (!target.Adapter.Powered) throw NotPowered(target.Adapter);
    }

    private static PortException NotPowered(RadioAdapter adapter) => new(PortError.NotPowered, $"The adapter {adapter.Name} is switched off.", "Switch it on.");

    private static PortException Unknown(Target target) =>
        new(PortError.UnknownDevice, $"{target.AdapterName} does not know {target.Name}.", "Search for it, then pair it.");

    /// <summary>A device on an adapter, as a command names them.</summary>
    private sealed record Target(BlueZSession Session, RadioAdapter Adapter, string Address, RadioDevice? Device)
    {
        public string AdapterName => Adapter.Name;
        public string AdapterPath => $"{BlueZNames.Root}/{Adapter.Name}";
        public string Path => PathOf(Adapter.Name, Address);
        public string Name => Device?.Name ?? Address;
    }

    private Target Find(string adapter, string device)
    {
        var (session, found) = FindAdapter(adapter);
        if (Engine.Text.Ids.OfAddress(device) is null) throw new PortException(PortError.UnknownDevice, $"\"{device}\" is no Bluetooth address.", "Write it as AA:BB:CC:DD:EE:FF.");
        var address = device.ToUpperInvariant().Replace('-', ':');
        return new Target(session, found, address, Current.Devices.FirstOrDefault(d => d.Address == address && d.Adapter == found.Address));
    }

    private RadioDevice? Find(Target target) =>
        Current.Devices.FirstOrDefault(d => d.Address == target.Address && d.Adapter == target.Adapter.Address);

    private (BlueZSession Session, RadioAdapter Adapter) FindAdapter(string adapter)
    {
        var current = Current;
        if (_session is not { } session) throw new PortException(PortError.PartMissing, current.Problem ?? "The Bluetooth service is not there.", "Start it; it is being waited for.");
        var found = current.Adapters.FirstOrDefault(a => string.Equals(a.Address, adapter, StringComparison.OrdinalIgnoreCase) || a.Name == adapter);
        return (session, found ?? throw new PortException(PortError.UnknownDevice, $"There is no Bluetooth adapter {adapter} here.", "Plug it in, or correct bluetooth.adapters."));
    }

    private static string PathOf(string adapterName, string address) => $"{BlueZNames.Root}/{adapterName}/dev_{address.Replace(':', '_')}";

    private async Task WaitForAsync(Func<bool> reached, string what, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        if (!await ReachedAsync(reached, limit ?? SettleTime, cancellationToken)) throw BlueZErrors.TimedOut(what, limit ?? SettleTime);
    }

    /// <summary>False: not within the limit.</summary>
    private async Task<bool> ReachedAsync(Func<bool> reached, TimeSpan limit, CancellationToken cancellationToken)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(Shown _)
        {
            if (reached()) signal.TrySetResult();
        }

        ShownChanged += Check;
        try
        {
            Check(_shared.Shown);
            await signal.Task.WaitAsync(limit, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            ShownChanged -= Check;
        }
    }
}
