using System.Globalization;
using System.Text;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Values = System.Collections.Generic.IReadOnlyDictionary<string, Tmds.DBus.Protocol.VariantValue>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>The result of a projection: the view to publish, and the changes that the loop has to apply.</summary>
/// <param name="Observations">Of the devices whose facts change.</param>
/// <param name="Sources">Addresses of devices that turned out to play to us.</param>
internal sealed record Projected(BlueZView View, IReadOnlyList<DeviceObservation> Observations, IReadOnlyList<BluetoothAddress> Sources);

/// <summary>BlueZ's objects and our own facts as a snapshot. It reads both and writes neither. Runs on the mirror's loop.</summary>
internal sealed class Projection(BluetoothOptions options, BlueZShared shared, UsableAdapters usable)
{
    /// <summary>An RSSI says where a device is now; after this it says nothing.</summary>
    public static readonly TimeSpan RssiLife = TimeSpan.FromMinutes(5);

    /// <summary>What BlueZ allows a name to be (HCI: 248 bytes) is far more than anybody wants to read.</summary>
    private const int LongestName = 80;

    // The facts of a device that has none yet. Nobody writes them.
    private static readonly DeviceFacts s_nothing = new();

    private readonly AdapterProduct _product = new(options.Kernel);

    public Projected Make(BlueZMirror mirror)
    {
        var now = shared.Time.Now();
        var transports = TransportsOf(mirror);
        var adapters = new Dictionary<string, RadioAdapter>(StringComparer.Ordinal);
        foreach (var adapter in usable.All()) adapters[adapter.Path] = MakeAdapter(adapter);
        var found = new Dictionary<string, RadioDevice>(StringComparer.Ordinal);
        var chosen = new Dictionary<string, TransportView>(StringComparer.Ordinal);
        var unwanted = new List<UnwantedTransport>();
        var observations = new List<DeviceObservation>();
        var sources = new List<BluetoothAddress>();
        foreach (var (path, values) in ObjectsOf(mirror, transports))
        {
            var choice = Choose(path, values, adapters, transports, unwanted);
            if (DeviceAddresses.In(values) is not { } address || values.Text("Adapter") is not { } at || !adapters.TryGetValue(at, out var adapter)) continue;
            var facts = shared.Facts.Find(adapter.Address, address);
            var nature = new DeviceNature(values.Texts("UUIDs"), values.Number("Class") ?? 0, values.Text("Name") ?? values.Text("Alias"), values.Text("Modalias"));
            var observed = Observe(adapter.Address, address, values, nature, choice, facts ?? s_nothing);
            if (facts is null || facts.Differs(observed)) observations.Add(observed);
            var kind = options.Configured(address) ?? KindOf(path, address, nature, choice, sources);
            if (MakeDevice(mirror, path, values, choice, nature, kind, observed, facts ?? s_nothing, now) is not { } device) continue;
            found[path] = device;
            if (choice is not null) chosen[path] = choice;
        }

        var problem = adapters.Count > 0 ? null
            : options.Adapters is { Count: > 0 } ? "None of the adapters in bluetooth.adapters is there; plug one in, or correct the list."
            : "This machine has no Bluetooth adapter; plug one in.";
        return new Projected(new BlueZView(shared.Describe(new BluetoothSnapshot([.. adapters.Values], [.. found.Values], problem)), chosen, found, unwanted), observations, sources);
    }

    // A device is its address, whatever BlueZ calls its object (one that was met by a private address keeps that in its path). While BlueZ makes one object of two, there may be both.
    private static IEnumerable<(string Path, Values Values)> ObjectsOf(BlueZMirror mirror, ILookup<string, TransportView> transports) => mirror.With(BlueZNames.Device)
        .GroupBy(d => (d.Values.Text("Adapter"), DeviceAddresses.In(d.Values)))
        .Select(alike => alike.OrderByDescending(d => transports.Contains(d.Path)).ThenByDescending(d => d.Values.IsBonded()).ThenByDescending(d => d.Values.Flag("Connected")).First());

    private RadioAdapter MakeAdapter(UsableAdapter adapter)
    {
        var values = adapter.Values;
        var deviceClass = values.Number("Class");
        var discoverable = values.Flag("Discoverable");
        var limit = shared.Limits.Of(adapter.Name, adapter.Address, shared.Streams.CountOn(adapter.Path), shared.Version?.Version);
        return new RadioAdapter(
            adapter.Address, adapter.Name, values.Flag("Powered"), values.Flag("Discovering"), discoverable,
            values.Texts("UUIDs").Contains(BlueZNames.LeAudioCapabilities, StringComparer.OrdinalIgnoreCase))
        {
            Alias = values.Text("Alias") ?? values.Text("Name"),
            Product = _product.Of(adapter.Name, adapter.Address),
            LearnedStreams = limit?.Streams,
            LearnedAt = limit?.At,
            Advice = adapter.TwinAdvice ?? (discoverable && deviceClass is { } c && !DeviceClass.IsLoudspeakerLike(c) ? DeviceClass.Advice(c) : null),
        };
    }

    private static DeviceObservation Observe(BluetoothAddress adapter, BluetoothAddress address, Values values, DeviceNature nature, TransportView? transport, DeviceFacts facts)
    {
        var sounding = facts.Vanished ? null : transport;
        return new DeviceObservation(adapter, address)
        {
            Linked = values.Flag("Connected"),
            Resolved = values.Flag("ServicesResolved") || !nature.IsSilent,
            HasStream = transport is not null,
            Sounds = sounding is not null,
            PeerVolume = sounding is { Receives: true, Volume: { } wanted } ? Math.Clamp(wanted, 0, 127) : -1,
            Volume = sounding?.Volume,
        };
    }

    private static RadioDevice? MakeDevice(
        BlueZMirror mirror, string path, Values values, TransportView? transport, DeviceNature nature, RadioKind kind, DeviceObservation observed, DeviceFacts facts, TimeSpan now)
    {
        var paired = values.IsBonded(); // without a lasting key it is gone with the link
        if (kind == RadioKind.Unknown && !nature.OffersSource && !paired && transport is null) return null; // keyboards and watches of the neighbours

        var rssi = observed.Sounds ? null : Rssi(facts, now);
        return new RadioDevice
        {
            Address = observed.Device,
            Adapter = observed.Adapter,
            Name = NameOf(values, observed.Device),
            Paired = paired,
            Trusted = values.Flag("Trusted"),
            Link = observed.Sounds ? RadioLink.Connected : facts.Connecting ? RadioLink.Connecting : RadioLink.Disconnected,
            LinkedAs = observed.Sounds ? transport!.Role : null,
            OffersSource = nature.OffersSource || transport is { Receives: true },
            OffersSink = nature.OffersSink || transport is { Receives: false },
            Kind = kind,
            HeldElsewhere = !observed.HasStream && facts.IsHeld(now),
            FellSilent = !observed.Sounds && facts.FellSilent,
            Modalias = nature.Modalias,
            Codec = transport?.Codec,
            ReportedLatencyMs = observed.Sounds ? transport?.DelayMs : null,
            VolumePercent = Volume(facts, observed.Volume, now),
            BatteryPercent = mirror.Find(path, BlueZNames.Battery)?.Number("Percentage") is { } battery and >= 0 and <= 100 ? (int)battery : null,
            RssiDbm = rssi?.Dbm,
            RssiAt = rssi?.At,
        };
    }

    // A device that paired by itself in pairing mode and then plays to us is no loudspeaker, even if it says that it could be one (a phone with both roles, and no
    // class). As long as it has not played, it is not called a speaker either.
    private RadioKind KindOf(string path, BluetoothAddress address, DeviceNature nature, TransportView? transport, List<BluetoothAddress> sources)
    {
        var kind = nature.Kind;
        if (kind is RadioKind.Echo or RadioKind.Phone) return kind;
        var guest = shared.Pairing.HasPairedByItself(path) && (nature.OffersSource || nature.IsSilent);
        if (shared.KnownSources.Contains(address)) return RadioKind.Phone;
        if (!guest) return kind;
        if (transport is null) return RadioKind.Unknown;
        if (!transport.Receives) return kind;
        sources.Add(address);
        return RadioKind.Phone;
    }

    // By device path. A transport of an endpoint that is not ours is none where we carry the sound.
    private ILookup<string, TransportView> TransportsOf(BlueZMirror mirror)
    {
        var transports = new List<(string Device, TransportView Transport)>();
        foreach (var (path, values) in mirror.With(BlueZNames.Transport))
        {
            var own = shared.Streams.Find(path);
            if (values.Text("Device") is not { } device || (shared.OwnsAudio && own is null)) continue;
            var receives = own?.Receives ?? string.Equals(values.Text("UUID"), BlueZNames.AudioSink, StringComparison.OrdinalIgnoreCase);
            transports.Add((device, new TransportView(
                path, receives, values.Text("State") ?? "idle", (int?)values.Number("Volume"), DelayMs(values), CodecName(values))));
        }

        return transports.ToLookup(t => t.Device, t => t.Transport, StringComparer.Ordinal);
    }

    // If both roles stand at once, the wanted one counts and the other is to be closed (L4). A role that came while we asked for the other is closed too.
    private TransportView? Choose(
        string path, Values values, Dictionary<string, RadioAdapter> adapters, ILookup<string, TransportView> transports, List<UnwantedTransport> unwanted)
    {
        if (!transports.Contains(path) || DeviceAddresses.In(values) is not { } address || values.Text("Adapter") is not { } at || !adapters.TryGetValue(at, out var adapter)) return null;
        var all = transports[path].ToList();
        var wanted = shared.WantedRole(adapter.Address, address, path);
        var before = shared.View.Transports.GetValueOrDefault(path)?.Role;
        var chosen = all.LastOrDefault(t => t.Role == wanted) ?? all.LastOrDefault(t => t.Role == before) ?? all[^1];
        var tried = shared.Facts.Find(adapter.Address, address)?.ConnectingAs;
        unwanted.AddRange(all.Where(t => t.Role != (tried ?? chosen.Role)).Select(t => new UnwantedTransport(path, t.Path, t.Role)));
        return chosen;
    }

    private static int? Volume(DeviceFacts facts, int? reported, TimeSpan now) =>
        reported is { } value ? facts.Volume.Show(value, now) : facts.SoftwareVolume is >= 0 and var percent ? percent : null;

    private static (int Dbm, DateTimeOffset At, TimeSpan Since)? Rssi(DeviceFacts facts, TimeSpan now) => facts.Rssi is { } told && now - told.Since <= RssiLife ? told : null;

    // In tenths of a millisecond. Zero is what a device says that knows no better, and no loudspeaker takes 5 s.
    private static double? DelayMs(Values transport) => transport.Number("Delay") is > 0 and <= 50_000 and { } tenths ? tenths / 10.0 : null;

    // A name comes from the air: by whole characters, and without what steers the text around it or cannot be seen.
    private static string NameOf(Values values, BluetoothAddress address)
    {
        var shown = (values.Text("Alias") ?? values.Text("Name") ?? "").EnumerateRunes().Where(IsShown).Take(LongestName);
        var name = string.Concat(shown).Trim();
        return name.Length == 0 ? address.Text : name;
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
}

/// <summary>A stream as BlueZ shows it now.</summary>
/// <param name="State"><c>idle</c>, <c>pending</c> (the other end asks to start) or <c>active</c>.</param>
/// <param name="Volume">0-127; null: the device has no volume of its own.</param>
/// <param name="DelayMs">What the device says about its delay (its latest report); null: nothing.</param>
internal sealed record TransportView(string Path, bool Receives, string State, int? Volume, double? DelayMs, string Codec)
{
    /// <summary>The device's.</summary>
    public RadioRole Role => Receives ? RadioRole.Source : RadioRole.Sink;
}

/// <summary>A stream of a device in a role that is not to stand.</summary>
internal sealed record UnwantedTransport(string Device, string Transport, RadioRole Role);

/// <summary>What the loop publishes: the snapshot for everybody, and for this folder the transports and devices by BlueZ's device path, and the transports to close.</summary>
internal sealed record BlueZView(
    BluetoothSnapshot Snapshot, IReadOnlyDictionary<string, TransportView> Transports, IReadOnlyDictionary<string, RadioDevice> Objects, IReadOnlyList<UnwantedTransport> Unwanted)
{
    public static BlueZView Nothing(BluetoothSnapshot snapshot) => new(snapshot, new Dictionary<string, TransportView>(), new Dictionary<string, RadioDevice>(), []);

    /// <summary>Null: it is not shown.</summary>
    public RadioAdapter? AdapterAt(string path) => Snapshot.Adapters.FirstOrDefault(a => ObjectPaths.OfAdapter(a.Name) == path);

    /// <summary>The path of a device on an adapter (by addresses) as BlueZ has it; null: BlueZ does not show it.</summary>
    public string? PathOf(BluetoothAddress adapter, BluetoothAddress device) => Objects.FirstOrDefault(o => o.Value.Address == device && o.Value.Adapter == adapter).Key;

    public bool SameAs(BlueZView other) =>
        Snapshot.Problem == other.Snapshot.Problem && Snapshot.OwnsAudio == other.Snapshot.OwnsAudio && Snapshot.AudioReason == other.Snapshot.AudioReason
        && Snapshot.AudioProblem == other.Snapshot.AudioProblem && Snapshot.Service?.Version == other.Snapshot.Service?.Version
        && Snapshot.Adapters.SequenceEqual(other.Snapshot.Adapters) && Snapshot.Devices.SequenceEqual(other.Snapshot.Devices);

    /// <summary>The same transports, of the same objects.</summary>
    public bool SameObjects(BlueZView other) =>
        Objects.Keys.SequenceEqual(other.Objects.Keys)
        && Transports.Count == other.Transports.Count && Transports.All(t => other.Transports.TryGetValue(t.Key, out var same) && same == t.Value);
}
