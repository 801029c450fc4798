using System.Text;
using Gateway.Bluetooth;
using Gateway.Cli.Calibrate;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Playback;
using Gateway.Playback.Calibration;
using Gateway.Reconciler;
using Gateway.Reconciler.Registry;
using Gateway.Reconciler.Runs;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>What an older version, a stranger or a bad disk may have left.</summary>
internal static class StoredSurfaces
{
    // The first part of a key in its scope is what a reader goes by.
    private static readonly (string Scope, string Key)[] s_places =
    [
        ("desired", "group/party"), ("desired", "speaker/bath"), ("adapter_limit", "00:AA:01:00:00:00"), ("latency", "bath|a|SBC|own"), ("delay", "party/bath"), ("stability", "bath"),
        ("discovery", "homeassistant/device/x/config"), ("found_speaker", "bath"), ("found_echo", "kitchen"), ("found_echo_on_air", "kitchen"), ("address", "bath"), ("echo_address", "kitchen"),
    ];

    public static Surface Probe(string work)
    {
        var path = Path.Combine(work, "probe.json");
        string[] seeds = ["""{"version":1,"speakers":3,"probes":2,"series":77,"sample_rate":48000,"seconds":12.5,"files":["speaker-1.wav"]}""", """{"version":2}""", "[]"];
        return new("probe", Surface.Texts(seeds), [.. Surface.Json, .. Surface.Texts("\"version\"", "\"speakers\"", "\"probes\"", "\"series\"", "16", "17", "1000001")], 1024, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                _ = ProbeFiles.Read(work).TotalFrames;
            }
            catch (UnreadableException)
            {
                // The declared answer.
            }
        });
    }

    /// <summary>The first byte chooses whose text it is; read as a start reads it.</summary>
    public static Surface Stored(string work)
    {
        var store = Store.Open(Path.Combine(work, "data"), TimeProvider.System);
        var member = new PlaybackMember("bath", "Bath", new OutputRef("bluez", "a", "a|SBC|own"), 0);
        string[] texts =
        [
            """{"Active":true,"Source":"echo:kitchen","Volume":40,"Balance":{"bath":0.5},"Muted":false,"Announced":{"At":"2026-11-28T09:00:00+00:00","Drops":[{"Device":"a","Peer":"b"}]}}""",
            """{"Connected":true,"Volume":30,"TrimMs":12.5,"KeepAwake":true}""", """{"Streams":3,"At":"2026-11-28T09:00:00+00:00","Stated":4,"BlueZ":"5.66"}""",
            """{"LatencyMs":171.5,"Quality":30,"At":"2026-11-28T09:00:00+00:00","Evidence":"acoustic"}""", "12.5", "1764300000:0 1764300001:1 1764300002:2",
            """{"config":{"dev":{"ids":"x"},"o":{"name":"Tutti"},"cmps":{"a":{"p":"sensor","unique_id":"u"}}},"dropped":{"b":{"p":"switch"}}}""",
            "00:11:22:33:44:55 Bath", "G090XG 1 Kitchen", "00:11:22:33:44:66 Kitchen", "00:11:22:33:44:55", "00:11:22:33:44:66",
        ];
        return new("stored", [.. texts.Select((t, i) => (byte[])[(byte)i, .. Encoding.UTF8.GetBytes(t)])],
            [.. Surface.Json, .. Surface.Texts("\"Active\"", "\"Announced\"", "\"Drops\"", "\"Balance\"", "\"Source\"", "\"Volume\"", "\"TrimMs\"", "\"At\"", "\"Streams\"", "\"config\"", "\"cmps\"", "\"dropped\"", ":0 ", "file:", "echo:")], 1024, bytes =>
            {
                if (bytes.Length == 0) return;
                var (scope, key) = s_places[bytes[0] % s_places.Length];
                store.Put(scope, key, Encoding.UTF8.GetString(bytes, 1, bytes.Length - 1));
                Read(store, member);
                store.Put(scope, key, null);
            });
    }

    private static void Read(Store store, PlaybackMember member)
    {
        var desired = new DesiredState(store);
        var (group, speaker) = (desired.Group("party"), desired.Speaker("bath"));
        Surface.Must(group.Volume is null or >= 0 and <= 100 && speaker.Volume is null or >= 0 and <= 100 && CommandValues.IsTrim(speaker.TrimMs), "what is stored is what a command would take");
        Surface.Must(group.Announced is null or { Drops: not null } && group.Announced?.Drops.Any(d => d is not { Device: not null, Peer: not null }) != true, "what is announced has its links");
        if (group.Source is { } source) _ = SourceRef.TryParse(source, out _);
        _ = new LearnedLimits(new BluetoothOptions(), store, TimeProvider.System, NullLogger.Instance).Of("hci0", BluetoothAddress.Parse("00:AA:01:00:00:00"), 2, "5.66");
        var latencies = new LatencyStore(store, NullLogger.Instance);
        Surface.Must(latencies.Find(member) is null or { LatencyMs: >= -1000 and <= 10_000 } && latencies.DelayMs("party", "bath") is null or >= 0 and <= 5000, "a stored latency is one");
        _ = new LinkHistory(store).Of("bath");
        var plan = new DiscoveryPlan(store.All("discovery"), "homeassistant");
        plan.Update([], TimeSpan.Zero);
        plan.Connected(TimeSpan.Zero);
        for (var at = 0; at < 60; at += 15) _ = plan.TakeDue(TimeSpan.FromSeconds(at));
        _ = new SpeakerRegistry([], store).Speakers;
        _ = new EchoRegistry([], store).Echoes;
    }
}
