using System.Text;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Simulation;

/// <summary>A furnished house with a clock that only the test moves.</summary>
internal sealed class DemoHouse : IAsyncDisposable
{
    public static BluetoothAddress Hci0 { get; } = BluetoothAddress.Parse("00:1A:7D:00:00:01");
    public static BluetoothAddress Hci1 { get; } = BluetoothAddress.Parse("00:1A:7D:00:00:02");

    public static readonly Catalogue Catalogue = new(
        [
            new EchoModel("A4ZXE0RM7LQ7A", "Echo Dot (5th gen)", Socket.None, Socket.None, Certainty.Verified, true, null),
            new EchoModel("A32DDESGESSHZA", "Echo Dot (4th gen)", Socket.Out, Socket.None, Certainty.Verified, true, null),
        ],
        [
            new SpeakerModel { Rule = "S1", Model = "JBL Flip 6", Names = ["*flip*6*"], IdlePowerOffMinutes = 10 },
            new SpeakerModel { Rule = "S2", Model = "Sonos Roam SL", AppOnly = true },
            new SpeakerModel { Rule = "S3", Model = "Bose SoundLink Flex", Exclusive = true },
            new SpeakerModel { Rule = "S5", Model = "Ultimate Ears WONDERBOOM 3", PlainestCodecFirst = true },
        ],
        []);

    public static readonly HouseConfiguration Configuration = new()
    {
        Adapters = [new ConfiguredAdapter { Name = "hci0", Address = Hci0 }, new ConfiguredAdapter { Name = "hci1", Address = Hci1 }],
        Echoes =
        [
            new ConfiguredEcho { Id = "kitchen", Name = "Kitchen", Model = "Echo Dot (5th gen)" },
            new ConfiguredEcho { Id = "left", Name = "Left", Model = "Echo Dot (4th gen)" },
            new ConfiguredEcho { Id = "right", Name = "Right", Model = "Echo Dot (4th gen)" },
        ],
        Speakers =
        [
            new ConfiguredSpeaker { Id = "flip_a", Name = "Flip A", Model = "JBL Flip 6" },
            new ConfiguredSpeaker { Id = "flip_b", Name = "Flip B", Model = "JBL Flip 6" },
            new ConfiguredSpeaker { Id = "roam", Name = "Roam", Model = "Sonos Roam SL" },
            new ConfiguredSpeaker { Id = "flex", Name = "Flex", Model = "Bose SoundLink Flex" },
            new ConfiguredSpeaker { Id = "emberton", Name = "Emberton", Model = "Marshall Emberton II" },
            new ConfiguredSpeaker { Id = "wonderboom", Name = "WONDERBOOM", Model = "Ultimate Ears WONDERBOOM 3" },
        ],
        Groups =
        [
            new ConfiguredGroup { Id = "party", Name = "Party", Members = ["flip_a", "flip_b", "emberton", "wonderboom"], Source = new SourceRef(SourceKind.Echo, "kitchen") },
            new ConfiguredGroup { Id = "den", Name = "Den", Members = ["left", "flex"] },
            new ConfiguredGroup { Id = "upstairs", Name = "Upstairs", Members = ["left", "right"], Route = Route.WifiGroup },
        ],
    };

    public DemoHouse(int seed = 1, HouseConfiguration? configuration = null, string[]? off = null)
    {
        House = new SimulatedHouse(new SimulatedHouseOptions
        {
            Configuration = configuration ?? Configuration,
            Catalogue = Catalogue,
            Seed = seed,
            Firmware = new Dictionary<string, string> { ["right"] = "9698496900" },
            Off = off ?? [],
        }, Time, NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    public SimulatedHouse House { get; }
    public IBluetooth Bluetooth => House.Bluetooth;
    public IEchoControl Cloud => House.Echo;

    public ValueTask DisposeAsync() => House.DisposeAsync();

    public string Speaker(string id)
    {
        var name = Configuration.Speakers.Single(s => s.Id == id).Name;
        return Bluetooth.Current.Devices.First(d => d.Name == name).Address;
    }

    public RadioDevice? Device(string adapter, string address) => Bluetooth.Current.Devices.SingleOrDefault(d => d.Adapter == adapter && d.Address == address);

    public EchoDevice Echo(string name) => Cloud.Current.Echoes.Single(e => e.Name == name);

    public void Control(string json) => House.Control(Encoding.UTF8.GetBytes(json));

    public TruthMessage Truth(string id) => House.Truth().Single(t => t.Speaker == id);

    /// <summary>Moves the clock until the command has ended; returns how long that took on it.</summary>
    public async Task<TimeSpan> EndAsync(Task command)
    {
        var start = Time.GetUtcNow();
        for (var i = 0; i < 1000 && !command.IsCompleted; i++) Time.Advance(TimeSpan.FromMilliseconds(20));
        var took = Time.GetUtcNow() - start;
        // The house's clock has run out; what is left is a continuation on its way.
        await command.WaitAsync(Patience.Hang);
        return took;
    }

    public async Task<PortException> RefusedAsync(Task command) => await Assert.ThrowsAsync<PortException>(() => EndAsync(command));

    public Task<TimeSpan> ConnectAsync(string adapter, string id) => EndAsync(Bluetooth.ConnectAsync(BluetoothAddress.Parse(adapter), BluetoothAddress.Parse(Speaker(id)), RadioRole.Sink, CancellationToken.None));

    public Task<TimeSpan> LinkEchoAsync(string name, string peer) => EndAsync(Cloud.ConnectAsync(Echo(name).Serial, BluetoothAddress.Parse(peer), CancellationToken.None));
}
