using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Echo.Alexa;

/// <summary>All that is known of the account now; replaced whole.</summary>
internal sealed record AlexaLook
{
    public AlexaDevices? Devices { get; init; }

    /// <summary>By serial; null: not known.</summary>
    public IReadOnlyDictionary<string, AlexaBluetooth>? Bluetooth { get; init; }
    public IReadOnlyDictionary<string, int>? Volumes { get; init; }

    /// <summary>What the sockets are set to, by serial.</summary>
    public IReadOnlyDictionary<string, AudioOutput> Outputs { get; init; } = new Dictionary<string, AudioOutput>();

    /// <summary>Why nothing new is known, in sentences; null: all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>What was seen is too long ago to be told as what is so.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>When what is known was asked for: an answer to an earlier question that comes later is no news.</summary>
    private TimeSpan BluetoothAsOf { get; init; }
    private TimeSpan VolumesAsOf { get; init; }

    public AlexaLook With(IReadOnlyDictionary<string, AlexaBluetooth>? bluetooth, TimeSpan asOf) => asOf < BluetoothAsOf ? this : this with { Bluetooth = bluetooth, BluetoothAsOf = asOf };

    public AlexaLook With(IReadOnlyDictionary<string, int>? volumes, TimeSpan asOf) => asOf < VolumesAsOf ? this : this with { Volumes = volumes, VolumesAsOf = asOf };

    public AlexaLook With(string serial, AudioOutput output) => this with { Outputs = new Dictionary<string, AudioOutput>(Outputs) { [serial] = output } };

    public EchoSnapshot Snapshot() => new([.. (Devices?.Echoes ?? []).Select(Echo)], Devices?.Groups, Devices?.Pairs, Problem);

    private EchoDevice Echo(AlexaDevice device)
    {
        var bluetooth = Bluetooth?.GetValueOrDefault(device.Serial);
        Fact<EchoPeer?> link = IsOutdated || device.Online == false ? default : bluetooth?.Link ?? default;
        return new EchoDevice
        {
            Serial = device.Serial,
            Name = device.Name,
            DeviceType = device.Type,
            Control = EchoControlKind.AlexaApi,
            Online = IsOutdated ? null : device.Online,
            Firmware = device.Firmware,
            VolumePercent = IsOutdated || Volumes?.TryGetValue(device.Serial, out var percent) != true ? null : percent,
            Link = link,
            Paired = bluetooth?.Paired ?? [],
            // L5: a link on which it plays silences every other way out.
            AudioOutput = link.Or(null) is { Role: LinkRole.PlaysTo } ? AudioOutput.Bluetooth : Outputs.TryGetValue(device.Serial, out var output) && !IsOutdated ? output : null,
            AlexaGroup = device.CanJoinGroups ? Tristate.Yes : Tristate.Unknown,
        };
    }
}
