namespace Gateway.Engine.Ports;

/// <summary>The state of a link between one of our adapters and a device.</summary>
public enum RadioLink
{
    Disconnected,
    Connecting,
    Connected,
}

/// <summary>Which end of an A2DP link a device is.</summary>
public enum RadioRole
{
    /// <summary>We play to it.</summary>
    Sink,

    /// <summary>It plays to us.</summary>
    Source,
}

/// <summary>What a device says it is. A speaker that is only called "Echo something" is no Echo.</summary>
public enum RadioKind
{
    /// <summary>It has not said it, or it is something else: a television, a turntable.</summary>
    Unknown,
    Speaker,
    Echo,

    /// <summary>A phone, tablet or computer.</summary>
    Phone,
}

/// <summary>One of our radios.</summary>
/// <param name="Address">The key. <paramref name="Name"/> (<c>hci0</c>) changes between boots.</param>
/// <param name="Discoverable">Pairing mode: phones and Echos can find us.</param>
public sealed record RadioAdapter(BluetoothAddress Address, string Name, bool Powered, bool Discovering, bool Discoverable, bool LeAudio)
{
    /// <summary>What it is called on the air, where phones and Echos look for it; null: not known.</summary>
    public string? Alias { get; init; }

    /// <summary>What should be changed on this machine, in one sentence with the remedy (its class is no loudspeaker's ...); null: nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>What its maker calls it (<c>TP-Link UB500 Adapter</c>); null: not known.</summary>
    public string? Product { get; init; }

    /// <summary>T4: the streams that it was found to carry, where it refused another one; null: it refused none.</summary>
    public int? LearnedStreams { get; init; }

    /// <summary>When that was; null: nothing learned.</summary>
    public DateTimeOffset? LearnedAt { get; init; }
}

/// <summary>A device as one of our radios knows it: one entry per device and adapter (pairing keys belong to one adapter, T4).</summary>
public sealed record RadioDevice
{
    public required BluetoothAddress Address { get; init; }
    public required BluetoothAddress Adapter { get; init; }
    public required string Name { get; init; }
    public bool Paired { get; init; }

    /// <summary>It may come back without being asked about.</summary>
    public bool Trusted { get; init; }
    public RadioLink Link { get; init; }

    /// <summary>What it is in the live audio link; null: there is none.</summary>
    public RadioRole? LinkedAs { get; init; }

    /// <summary>It can play to us, as far as it has told.</summary>
    public bool OffersSource { get; init; }

    /// <summary>It can be played to, as far as it has told.</summary>
    public bool OffersSink { get; init; }

    public RadioKind Kind { get; init; }

    /// <summary>It shows up as a speaker even when nobody configured it; an Echo and a phone never do.</summary>
    public bool IsSpeaker => Kind == RadioKind.Speaker;

    /// <summary>It plays to us, or would: a phone, an Echo that has not been given another role.</summary>
    public bool IsSource => LinkedAs is { } role ? role == RadioRole.Source : OffersSource && !IsSpeaker;

    /// <summary>The role in which it is let in where nobody has said which (<see cref="IBluetooth.SetRoles"/>).</summary>
    public RadioRole UsualRole => Kind is RadioKind.Echo or RadioKind.Phone || (OffersSource && !OffersSink) ? RadioRole.Source : RadioRole.Sink;

    /// <summary>The last connect failed in the way of a device that another host holds.</summary>
    public bool HeldElsewhere { get; init; }

    /// <summary>Its last link ended without a goodbye: its stream stalled, and we ended what was left of the link.</summary>
    public bool FellSilent { get; init; }
    public string? Modalias { get; init; }
    public string? Codec { get; init; }

    /// <summary>What the device says about its own delay over the present link (its latest report), in milliseconds: a prior, never a measurement; null: nothing.</summary>
    public double? ReportedLatencyMs { get; init; }

    /// <summary>0-100; null: not reported.</summary>
    public int? VolumePercent { get; init; }
    public int? BatteryPercent { get; init; }
    public int? RssiDbm { get; init; }
    public DateTimeOffset? RssiAt { get; init; }
}

/// <summary>Everything the radio side shows now; replaced whole on each change.</summary>
/// <param name="Problem">Why nothing is shown (no bluetoothd, no part), in one sentence; null when all is well.</param>
public sealed record BluetoothSnapshot(IReadOnlyList<RadioAdapter> Adapters, IReadOnlyList<RadioDevice> Devices, string? Problem)
{
    public static BluetoothSnapshot Empty { get; } = new([], [], null);

    /// <summary>True: the gateway's own A2DP endpoints carry the sound; false: a sound server's do; null: not decided yet.</summary>
    public bool? OwnsAudio { get; init; }

    /// <summary>Why <see cref="OwnsAudio"/> is what it is, as half a sentence; null: not decided yet.</summary>
    public string? AudioReason { get; init; }

    /// <summary>Why no device can be connected for sound although the radio is fine (the sound server is missing), with the remedy; null: nothing stands in the way.</summary>
    public string? AudioProblem { get; init; }

    /// <summary>The Bluetooth service at work; null: not known.</summary>
    public BluetoothServiceVersion? Service { get; init; }
}

/// <summary>The Bluetooth service's version, such as <c>5.66</c>, and what is known to be wrong with it, a sentence or two each.</summary>
public sealed record BluetoothServiceVersion(string Version, IReadOnlyList<string> Faults);

/// <summary>
/// The radio side: BlueZ, or the simulated house. Commands end when the outside has
/// answered, and throw <see cref="PortException"/> where it said no. <see cref="Changed"/> comes on the port's own
/// thread, in order; handlers only hand over.
/// </summary>
public interface IBluetooth
{
    BluetoothSnapshot Current { get; }

    event Action<BluetoothSnapshot>? Changed;

    /// <summary>
    /// Connects exactly the one role, and ends when that stands. One that is linked in the other role is refused: to disconnect it first is the caller's.
    /// Connects of one adapter wait for one another, and that wait takes as long as it takes. From its turn on, the device has a limited time
    /// (<see cref="PortError.TimedOut"/>), which is the port's to keep: nobody else knows when its turn came. The same goes for <see cref="PairAsync"/>.
    /// </summary>
    Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken);

    /// <summary>
    /// In which role devices that offer both are wanted, by address, also when they call by themselves: the other one is turned away. Who is not in it
    /// has its <see cref="RadioDevice.UsualRole"/>. Replaces what was said before and changes no link that stands. Any thread; the dictionary is not changed afterwards.
    /// </summary>
    void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress);

    Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken);

    Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken);

    Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken);

    Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken);

    Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken);

    Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken);

    /// <param name="percent">0-100.</param>
    Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken);
}
