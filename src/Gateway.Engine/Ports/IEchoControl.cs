namespace Gateway.Engine.Ports;

/// <summary>How the gateway reaches an Echo.</summary>
public enum EchoControlKind
{
    HomeAssistant,
    AlexaApi,
    Declared,
}

/// <summary>An entry of an Echo's address book: paired, not connected (L3).</summary>
public sealed record EchoPairing(string Name, BluetoothAddress Address, LinkRole Role);

/// <summary>An Echo's live link as its cloud reports it.</summary>
public sealed record EchoPeer(BluetoothAddress Address, string Name, LinkRole Role);

/// <summary>An Echo as its control path shows it. Null: not known.</summary>
public sealed record EchoDevice
{
    public required string Serial { get; init; }
    public required string Name { get; init; }

    /// <summary>Amazon's device type; null where the control path does not tell.</summary>
    public string? DeviceType { get; init; }
    public EchoControlKind Control { get; init; }
    public bool? Online { get; init; }
    public string? Firmware { get; init; }
    public string? Account { get; init; }
    public string? Network { get; init; }
    public int? VolumePercent { get; init; }

    /// <summary>The Echo's own Bluetooth address, where known.</summary>
    public BluetoothAddress? BluetoothAddress { get; init; }

    /// <summary>Unknown, known null (no link), or the one link (L1).</summary>
    public Fact<EchoPeer?> Link { get; init; }
    public IReadOnlyList<EchoPairing> Paired { get; init; } = [];

    /// <summary>The Wi-Fi group it plays in now.</summary>
    public Fact<string?> WifiGroup { get; init; }
    public AudioOutput? AudioOutput { get; init; }
    public Tristate AlexaGroup { get; init; }
}

/// <summary>A Wi-Fi group of the account; members are serials.</summary>
public sealed record EchoWifiGroup(string Id, string Name, IReadOnlyList<string> Members);

/// <summary>A stereo pair of the account; members are serials.</summary>
public sealed record EchoStereoPair(string Id, string Left, string Right);

/// <summary>Everything the Echo side shows now; null lists are "not known".</summary>
public sealed record EchoSnapshot(
    IReadOnlyList<EchoDevice> Echoes, IReadOnlyList<EchoWifiGroup>? WifiGroups, IReadOnlyList<EchoStereoPair>? StereoPairs, string? Problem)
{
    public static EchoSnapshot Empty { get; } = new([], null, null, null);

    /// <summary>No control path is asked: what one found in earlier days is not to be had any more.</summary>
    public bool IsDeclared { get; init; }
}

/// <summary>
/// The Echo side: Home Assistant's integrations, the Alexa web API, or the simulated house. Echos are named by
/// serial number. Same contract as <see cref="IBluetooth"/> for threads and errors.
/// </summary>
public interface IEchoControl
{
    EchoSnapshot Current { get; }

    event Action<EchoSnapshot>? Changed;

    /// <summary>Asks the Echo to connect to <paramref name="peerAddress"/>; it drops its present link without a word (L2).</summary>
    Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken);

    Task DisconnectAsync(string serial, CancellationToken cancellationToken);

    /// <summary>The Echo forgets that device: it leaves the address book (L3), and a link with it ends.</summary>
    Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken);

    /// <param name="percent">0-100.</param>
    Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken);

    Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken);

    /// <summary>Creates a Wi-Fi group and returns its id.</summary>
    Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken);

    Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken);
}
