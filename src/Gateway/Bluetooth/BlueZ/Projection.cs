using System.Globalization;
using System.Text;
using Gateway.Engine.Ports;
using Values = System.Collections.Generic.IReadOnlyDictionary<string, Tmds.DBus.Protocol.VariantValue>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>BlueZ's objects and our own facts as a snapshot. Runs on the mirror's loop.</summary>
internal sealed class Projection(BluetoothOptions options, BlueZShared shared)
{
    /// <summary>An RSSI says where a device is now; after this it says nothing.</summary>
    public static readonly TimeSpan RssiLife = TimeSpan.FromMinutes(5);

    /// <summary>What BlueZ allows a name to be (HCI: 248 bytes) is far more than anybody wants to read.</summary>
    private const int LongestName = 80;

    // By address: the kernel is asked once.
    private readonly Dictionary<string, string?> _products = new(StringComparer.Ordinal);

    public Shown Make(BlueZMirror mirror)
    {
        var now = shared.Time.GetUtcNow();
        var transports = TransportsOf(mirror);
        var adapters = new Dictionary<string, RadioAdapter>(StringComparer.Ordinal);
        foreach (var (path, values) in mirror.With(BlueZNames.Adapter))
        {
            if (MakeAdapter(path, values) is { } adapter && options.Allows(adapter.Name, adapter.Address)) adapters[path] = adapter;
        }

        var devices = new List<RadioDevice>();
        foreach (var (path, values) in mirror.With(BlueZNames.Device))
        {
            if (MakeDevice(mirror, adapters, path, values, transports.GetValueOrDefault(path), now) is { } device) devices.Add(device);
        }

        var problem = adapters.Count > 0 ? null
            : options.Adapters is { Count: > 0 } ? "None of the adapters in bluetooth.adapters is there; plug one in, or correct the list."
            : "This machine has no Bluetooth adapter; plug one in.";
        return new Shown(
            shared.Describe(new BluetoothSnapshot([.. adapters.Values], devices, problem)), transports);
    }

    /// <summary>The last part of an adapter's path: <c>hci0</c>.</summary>
    public static string NameOf(string adapterPath) => adapterPath[(adapterPath.LastIndexOf('/') + 1)..];

    private RadioAdapter? MakeAdapter(string path, Values values)
    {
        if (AddressOf(values) is not { } address) return null;
        var deviceClass = values.Number("Class");
        var discoverable = values.Flag("Discoverable");
        var limit = shared.Limits.Of(NameOf(path), address, shared.Streams.CountOn(path), shared.Version?.Version);
        return new RadioAdapter(
            address, NameOf(path), values.Flag("Powered"), values.Flag("Discovering"), discoverable,
            values.Texts("UUIDs").Contains(BlueZNames.LeAudioCapabilities, StringComparer.OrdinalIgnoreCase))
        {
            Alias = values.Text("Alias") ?? values.Text("Name"),
            Product = ProductOf(NameOf(path), address),
            LearnedStreams = limit?.Streams,
            LearnedAt = limit?.At,
            Advice = discoverable && deviceClass is { } c && !DeviceClass.IsLoudspeakerLike(c) ? DeviceClass.Advice(c) : null,
        };
    }

    private string? ProductOf(string name, string address)
    {
        if (!_products.TryGetValue(address, out var product)) _products[address] = product = AdapterProduct.Read(options.Kernel, name);
        return product;
    }

    private RadioDevice? MakeDevice(
        BlueZMirror mirror, Dictionary<string, RadioAdapter> adapters, string path, Values values, ShownTransport? transport, DateTimeOffset now)
    {
        if (AddressOf(values) is not { } address || values.Text("Adapter") is not { } adapterPath || !adapters.TryGetValue(adapterPath, out var adapter)) return null;
        var own = shared.Facts.Of(adapter.Address, address);
        own.Linked = values.Flag("Connected");
        var uuids = values.Texts("UUIDs");
        var deviceClass = values.Number("Class") ?? 0;
        var sink = uuids.Contains(BlueZNames.AudioSink, StringComparer.OrdinalIgnoreCase);
        var source = uuids.Contains(BlueZNames.AudioSource, StringComparer.OrdinalIgnoreCase);
        var kind = DeviceNature.KindOf(source, sink, deviceClass, values.Text("Name"), values.Text("Modalias"));
        var paired = BlueZSession.IsBonded(values); // without a lasting key it is gone with the link
        if (kind == RadioKind.Unknown && !source && !paired && transport is null) return null; // keyboards and watches of the neighbours

        var connected = transport is not null && !own.Vanished;
        var rssi = connected ? null : Rssi(own, now);
        if (transport is null) own.Vanished = false; // the link has ended, as suspected
        else own.HeldAt = null;
        return new RadioDevice
        {
            Address = address,
            Adapter = adapter.Address,
            Name = NameOf(values, address),
            Paired = paired,
            Trusted = values.Flag("Trusted"),
            Link = connected ? RadioLink.Connected : own.Connecting ? RadioLink.Connecting : RadioLink.Disconnected,
            LinkedAs = !connected ? null : transport!.Receives ? RadioRole.Source : RadioRole.Sink,
            OffersSource = source,
            OffersSink = sink,
            Kind = kind,
            HeldElsewhere = own.IsHeld(now),
            FellSilent = own.Vanished,
            Modalias = values.Text("Modalias"),
            Codec = transport?.Codec,
            ReportedLatencyMs = connected ? transport?.DelayMs : null,
            VolumePercent = Volume(own, connected ? transport : null, now),
            BatteryPercent = mirror.Find(path, BlueZNames.Battery)?.Number("Percentage") is { } battery and >= 0 and <= 100 ? (int)battery : null,
            RssiDbm = rssi?.Dbm,
            RssiAt = rssi?.At,
        };
    }

    // By device path. A transport of an endpoint that is not ours is none where we carry the sound.
    private Dictionary<string, ShownTransport> TransportsOf(BlueZMirror mirror)
    {
        var transports = new Dictionary<string, ShownTransport>(StringComparer.Ordinal);
        foreach (var (path, values) in mirror.With(BlueZNames.Transport))
        {
            var own = shared.Streams.Find(path);
            if (values.Text("Device") is not { } device || (shared.OwnsAudio && own is null)) continue;
            var receives = own?.Receives ?? string.Equals(values.Text("UUID"), BlueZNames.AudioSink, StringComparison.OrdinalIgnoreCase);
            transports[device] = new ShownTransport(
                path, receives, values.Text("State") ?? "idle", (int?)values.Number("Volume"), DelayMs(values), CodecName(values));
        }

        return transports;
    }

    private static int? Volume(DeviceFacts own, ShownTransport? transport, DateTimeOffset now)
    {
        own.PeerVolume = transport is { Receives: true, Volume: { } wanted } ? wanted : -1;
        if (transport?.Volume is { } reported) return own.Volume.Show(reported, now);
        return own.SoftwareVolume >= 0 ? own.SoftwareVolume : null;
    }

    private static (int Dbm, DateTimeOffset At)? Rssi(DeviceFacts own, DateTimeOffset now) => own.Rssi is { } told && now - told.At <= RssiLife ? told : null;

    // In tenths of a millisecond. Zero is what a device says that knows no better, and no loudspeaker takes 5 s.
    private static double? DelayMs(Values transport) => transport.Number("Delay") is > 0 and <= 50_000 and { } tenths ? tenths / 10.0 : null;

    // A name comes from the air: by whole characters, and without what steers the text around it or cannot be seen.
    private static string NameOf(Values values, string address)
    {
        var shown = (values.Text("Alias") ?? values.Text("Name") ?? "").EnumerateRunes().Where(IsShown).Take(LongestName);
        var name = string.Concat(shown).Trim();
        return name.Length == 0 ? address : name;
    }

    private static bool IsShown(Rune rune) => rune != Rune.ReplacementChar
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    private static string CodecName(Values transport) => transport.Number("Codec") switch
    {
        0 => "SBC",
        1 => "MP3",
        2 => "AAC",
        4 => "ATRAC",
        _ => "vendor",
    };

    private static string? AddressOf(Values values) =>
        values.Text("Address") is { Length: 17 } address && Engine.Text.Ids.OfAddress(address) is not null ? address.ToUpperInvariant().Replace('-', ':') : null;
}

/// <summary>A stream as BlueZ shows it now.</summary>
/// <param name="State"><c>idle</c>, <c>pending</c> (the other end asks to start) or <c>active</c>.</param>
/// <param name="Volume">0-127; null: the device has no volume of its own.</param>
/// <param name="DelayMs">What the device says about its delay (its latest report); null: nothing.</param>
internal sealed record ShownTransport(string Path, bool Receives, string State, int? Volume, double? DelayMs, string Codec);

/// <summary>What the loop publishes: the snapshot for everybody, and the transports by device path for ourselves.</summary>
internal sealed record Shown(BluetoothSnapshot Snapshot, IReadOnlyDictionary<string, ShownTransport> Transports)
{
    public static Shown Nothing(BluetoothSnapshot snapshot) => new(snapshot, new Dictionary<string, ShownTransport>());

    public bool SameAs(Shown other) =>
        Snapshot.Problem == other.Snapshot.Problem && Snapshot.OwnsAudio == other.Snapshot.OwnsAudio && Snapshot.AudioReason == other.Snapshot.AudioReason
        && Snapshot.AudioProblem == other.Snapshot.AudioProblem && Snapshot.Service?.Version == other.Snapshot.Service?.Version
        && Snapshot.Adapters.SequenceEqual(other.Snapshot.Adapters) && Snapshot.Devices.SequenceEqual(other.Snapshot.Devices);

    public bool SameTransports(Shown other) =>
        Transports.Count == other.Transports.Count && Transports.All(t => other.Transports.TryGetValue(t.Key, out var same) && same == t.Value);
}
