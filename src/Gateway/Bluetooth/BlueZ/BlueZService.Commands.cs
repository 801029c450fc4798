using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

internal sealed partial class BlueZService
{
    /// <summary>After BlueZ said yes, its signals need a moment to say the same.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(30);

    /// <summary>Pairing mode ends by itself, on BlueZ's own clock.</summary>
    private static readonly TimeSpan PairingModeTime = TimeSpan.FromMinutes(3);

    public async Task ConnectAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        var known = target.Device ?? throw Unknown(target);
        if (known.Link == RadioLink.Connected) return;
        if (!known.Paired) throw new PortException(PortError.NotPaired, $"{target.Name} is not paired on {target.AdapterName}.", "Pair it first.");
        RequirePower(target);
        RequireRoom(target);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        facts.BeginAttempt();
        target.Session.Post(FactsChanged.Instance);
        try
        {
            await target.Session.GateOf(target.AdapterName).RunAsync(() => ConnectNowAsync(target, known, cancellationToken), cancellationToken);
            facts.HeldElsewhere = false;
        }
        catch (PortException error)
        {
            facts.HeldElsewhere = error.Error == PortError.HeldElsewhere;
            throw;
        }
        finally
        {
            facts.EndAttempt();
            target.Session.Post(FactsChanged.Instance);
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
        catch (PortException error) when (error.InnerException is DBusErrorReplyException { ErrorName: "org.bluez.Error.NotConnected" })
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
        var gate = target.Session.GateOf(target.AdapterName);
        if (target.Device is null) await SearchAsync(target, gate, cancellationToken);
        _shared.Agent.Expect(target.Path, true);
        try
        {
            await gate.RunAsync(() => PairNowAsync(target, cancellationToken), cancellationToken);
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
        if (on)
        {
            var seconds = VariantValue.UInt32((uint)PairingModeTime.TotalSeconds);
            // Whoever pairs with us asks the default agent.
            await session.Bus.CallAsync(BlueZNames.Root, BlueZNames.AgentManager, "RequestDefaultAgent", "o", Callbacks.AgentPath, what, BlueZBus.Short, cancellationToken);
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "DiscoverableTimeout", seconds, what, cancellationToken);
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "PairableTimeout", seconds, what, cancellationToken);
        }

        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Pairable", VariantValue.Bool(on), what, cancellationToken);
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(on), what, cancellationToken);
        await WaitForAsync(() => Current.Adapters.Any(a => a.Address == found.Address && a.Discoverable == on), what, cancellationToken);
        if (on && Current.Adapters.FirstOrDefault(a => a.Address == found.Address)?.Advice is { } advice) BluetoothLog.AdapterAdvice(logger, advice);
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
            facts.Volume.Set(percent, time.GetUtcNow());
            await target.Session.Bus.SetAsync(
                transport.Path, BlueZNames.Transport, "Volume", VariantValue.UInt16((ushort)VolumeScale.ToAvrcp(percent)), $"Setting the volume of {target.Name}", cancellationToken);
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
        _ = CloseAsync();

        async Task CloseAsync()
        {
            try
            {
                await session.Bus.CallAsync(PathOf(found.Name, device), BlueZNames.Device, "Disconnect", $"Closing the link to {device}", BlueZBus.Short, CancellationToken.None);
            }
            catch (PortException)
            {
                // Then the link is gone already, or ends by its own time-out.
            }
        }
    }

    private async Task ConnectNowAsync(Target target, RadioDevice known, CancellationToken cancellationToken)
    {
        if (Find(target)?.Link == RadioLink.Connected) return; // it came by itself while we waited for our turn
        var what = $"Connecting to {target.Name}";
        var profile = known.IsSpeaker ? BlueZNames.AudioSink : BlueZNames.AudioSource;
        try
        {
            var connect = target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "ConnectProfile", "s", profile, what, BlueZBus.Long, cancellationToken);
            await PageAsync(target, connect, what, cancellationToken);
        }
        catch (PortException error) when (IsUnderWay(error))
        {
            // The speaker is connecting by itself, or BlueZ holds the profile already.
        }

        await WaitForAsync(() => Find(target)?.Link == RadioLink.Connected, what, cancellationToken);
    }

    private async Task PairNowAsync(Target target, CancellationToken cancellationToken)
    {
        var what = $"Pairing with {target.Name}";
        try
        {
            await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Pair", what, BlueZBus.Long, cancellationToken);
        }
        catch (PortException error) when (error.InnerException is DBusErrorReplyException { ErrorName: "org.bluez.Error.AlreadyExists" })
        {
            // Paired already: adopted.
        }

        await target.Session.Bus.SetAsync(target.Path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {target.Name}", cancellationToken);
        await WaitForAsync(() => Find(target)?.Paired == true, what, cancellationToken);
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

    private static bool IsUnderWay(PortException error) => error.InnerException is DBusErrorReplyException
    {
        ErrorName: "org.bluez.Error.AlreadyConnected" or "org.bluez.Error.InProgress"
    };

    // T4: say so before the radio does; what BlueZ says then is worse.
    private void RequireRoom(Target target)
    {
        if (!_shared.OwnsAudio) return;
        var most = options.StreamsOf(target.AdapterName, target.Adapter.Address);
        if (_shared.Streams.CountOn(target.AdapterPath) < most) return;
        throw new PortException(
            PortError.NoCapacity, $"{target.AdapterName} carries {most} stream(s) already, which is all it may (T4), so {target.Name} finds no room.",
            "Disconnect a speaker, pair it on another adapter, or raise max_streams of this one.");
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
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(BluetoothSnapshot _)
        {
            if (reached()) signal.TrySetResult();
        }

        Changed += Check;
        try
        {
            Check(Current);
            await signal.Task.WaitAsync(limit ?? SettleTime, time, cancellationToken);
        }
        catch (TimeoutException error)
        {
            throw BlueZErrors.TimedOut(what, limit ?? SettleTime, error);
        }
        finally
        {
            Changed -= Check;
        }
    }
}
