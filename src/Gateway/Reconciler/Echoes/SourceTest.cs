using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;

namespace Gateway.Reconciler.Echoes;

/// <summary>An Echo that has just got its name is tested with a sound: linked, asked for music, heard or not.</summary>
internal sealed class SourceTest(LoopContext loop, Roles roles)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    /// <summary>An Echo that has paired mostly makes its link by itself; after that it is called.</summary>
    private static readonly TimeSpan s_callsByItself = TimeSpan.FromSeconds(10);

    /// <summary>Somebody walks to the Echo and asks for music.</summary>
    private static readonly TimeSpan s_patienceForSound = TimeSpan.FromSeconds(60);

    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    public void Begin(string echoId)
    {
        if (_view.Registry.AddressOf(echoId) is not { } address) return;
        var name = _view.NameOf(echoId);
        var adapter = _view.RadioOf(address).FirstOrDefault(d => d.Paired)?.Adapter;
        var untestable = adapter is null ? $"{name} is not paired on an adapter that is here"
            : _view.Bluetooth.OwnsAudio == false ? "Bluetooth sound is left to a sound server here"
            : roles.IsPlayedTo(echoId) ? $"{name} is a member of a group that is on, which plays to it"
            : IsSourceOfActive(echoId) ? $"{name} is the source of a group that is on"
            : null;
        if (adapter is null || untestable is not null)
        {
            _journal.Happened(HouseEventType.Pairing, $"Not tested: {untestable}.", echoId);
            return;
        }

        var air = _view.Registry.Adapters[adapter].Alias ?? _view.Registry.Adapters[adapter].Name;
        double? level = null;
        _operations.Start(
            $"echo/{echoId}/test", null, null,
            async token => level = await LevelOfAsync(adapter, address, () => loop.Post(() => Tell($"{name} is linked with the gateway. Play something on it now, such as \"Alexa, play music\".")), token),
            failure =>
            {
                if (failure is { IsPorts: true }) Tell($"Not heard: {name} is paired, but its link was not made. {failure.Text} Say \"Alexa, connect to {air}\" to it, then play something.");
                else if (failure is null && level is { } heard) Tell(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Heard: sound arrives from {name} (level {heard:0} dBFS)."));
                else if (failure is null) Tell($"Not heard: nothing came from {name} within {s_patienceForSound.TotalSeconds:0} s. Say \"Alexa, play music\" to it; if it plays by its own loudspeaker, say \"Alexa, connect to {air}\".");
            },
            limit: Operations.PortsTime);

        void Tell(string text) => _journal.Happened(HouseEventType.Pairing, text, echoId);
    }

    /// <summary>An Echo's first link often breaks within seconds, and it calls again: until the patience is over, what comes next counts.</summary>
    /// <param name="linked">Called at its first link, from which on the patience counts anew.</param>
    private async Task<double?> LevelOfAsync(BluetoothAddress adapter, BluetoothAddress address, Action linked, CancellationToken cancellationToken)
    {
        var (until, told) = (loop.Now + s_patienceForSound, false);
        while (true)
        {
            try
            {
                var link = await LinkOfSourceAsync(adapter, address, cancellationToken);
                if (!told)
                {
                    linked();
                    (until, told) = (loop.Now + s_patienceForSound, true);
                }

                if (await _playback.ListenAsync(new SourceOpening(new SourceRef(SourceKind.Phone, address), BluetoothLinks.KeyOf(link.Adapter, address)), until - loop.Now, cancellationToken) is { } level) return level;
                if (loop.Now >= until) return null;
            }
            catch (PortException) when (loop.Now < until)
            {
                await Task.Delay(s_look, loop.Time, cancellationToken);
            }
        }
    }

    private async Task<RadioDevice> LinkOfSourceAsync(BluetoothAddress adapter, BluetoothAddress address, CancellationToken cancellationToken)
    {
        var until = loop.Now + s_callsByItself;
        while (loop.Now < until)
        {
            if (Linked() is { } link) return link;
            await Task.Delay(s_look, loop.Time, cancellationToken);
        }

        await _bluetooth.ConnectAsync(adapter, address, RadioRole.Source, cancellationToken);
        return Linked() ?? throw new PortException(PortError.NotReachable, "it made no link with the gateway.");

        RadioDevice? Linked() => _bluetooth.Current.Devices.FirstOrDefault(d => d.Address == address && d.LinkedAs == RadioRole.Source);
    }

    private bool IsSourceOfActive(string echoId) => _view.Registry.Effective.Groups.Any(g => _desired.Group(g.Id).Active && _desired.SourceOf(g) == new SourceRef(SourceKind.Echo, echoId));

    /// <summary>A group that plays from it needs the one stream for itself.</summary>
    public void EndFor(SourceRef? source)
    {
        if (source is not { Kind: SourceKind.Echo, Argument: { } echo } || !_operations.IsUnderWay($"echo/{echo}/test")) return;
        _operations.Supersede($"echo/{echo}/test");
        _journal.Happened(HouseEventType.Pairing, $"Not tested: {_view.NameOf(echo)} is the source of a group that is on.", echo);
    }
}
