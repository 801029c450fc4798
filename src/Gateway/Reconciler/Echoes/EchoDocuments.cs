using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Reconciler.Echoes;

/// <summary>Echos as they are published. Reads only; what it made is kept as long as the house looks the same, for what a command changes is little beside it.</summary>
internal sealed class EchoDocuments(HouseView view, Operations operations, EchoOptions options)
{
    private readonly Dictionary<string, EchoDocument> _made = new(StringComparer.Ordinal);
    private int _version = -1;

    public EchoDocument Of(ConfiguredEcho echo)
    {
        if (_version != view.Version) _made.Clear();
        _version = view.Version;
        if (!_made.TryGetValue(echo.Id, out var document)) _made[echo.Id] = document = Make(echo, view.House);
        return operations.IsUnderWay($"echo/{echo.Id}/bluetooth") ? document with { Bluetooth = document.Bluetooth with { State = EchoLinkState.Connecting } } : document;
    }

    /// <summary>An Echo as the ports show it: the checklist and the options make it the dearest part of a snapshot.</summary>
    private EchoDocument Make(ConfiguredEcho echo, Engine.House house)
    {
        var device = view.DeviceOfEcho(echo.Id);
        var observed = house.Observed.Echoes.First(e => e.Id == echo.Id);
        var link = observed.Link.IsKnown ? observed.Link.Value : null;
        var group = device?.WifiGroup.Or(null) is { } id ? view.Echo.WifiGroups?.FirstOrDefault(g => g.Id == id) : null;
        return new EchoDocument
        {
            Id = echo.Id,
            Name = echo.Name,
            Model = echo.Model ?? view.ModelOf(echo)?.Model,
            Address = echo.Address,
            Control = device?.Control ?? EchoControlKind.Declared,
            Online = observed.Online.IsKnown ? observed.Online.Value : null,
            Firmware = device?.Firmware,
            FirmwareOk = Firmware.IsAtLeast(device?.Firmware, house.Configured.Limits.MinFirmware),
            Volume = device?.VolumePercent,
            Bluetooth = new EchoBluetoothDocument(
                !observed.Link.IsKnown ? null : link is null ? EchoLinkState.Disconnected : EchoLinkState.Connected,
                link is null ? null : PeerOf(link.Peer, device), link?.Role,
                [.. (device?.Paired ?? []).Select(p => new PairedDocument(p.Name, p.Address, p.Role))]),
            WifiGroup = group is null ? null : new WifiGroupDocument(group.Id, group.Name),
            InWifiGroup = device is { WifiGroup.IsKnown: true } ? device.WifiGroup.Value is not null : null,
            AudioOutput = device?.AudioOutput,
            Readiness = ReadinessOf(echo.Id, house),
            BluetoothOptions = [.. options.Links(echo.Id, device)],
            AudioOutputOptions = [.. options.AudioOutputs(echo.Id)],
            // With the radio it can be paired, linked and let go.
            Available = view.Bluetooth.Problem is null || (device is not null && view.Echo.Problem is null),
        };
    }

    private static ReadinessDocument ReadinessOf(string echoId, Engine.House house)
    {
        var checks = Checklist.ForEcho(house, echoId);
        return new ReadinessDocument(Count(CheckResult.Pass), Count(CheckResult.Warn), Count(CheckResult.Fail), Count(CheckResult.Unknown));

        int Count(CheckResult result) => checks.Count(c => c.Result == result);
    }

    private PeerDocument PeerOf(string peer, EchoDevice? device)
    {
        if (view.Registry.AddressOf(peer) is { } speaker) return new PeerDocument(peer, view.NameOf(peer), speaker);
        if (view.Registry.Adapters.Values.FirstOrDefault(a => a.Address.Id == peer) is { } adapter) return new PeerDocument(peer, view.NameOf(peer), adapter.Address);
        return new PeerDocument(null, peer, device?.Link.Or(null)?.Address);
    }
}
