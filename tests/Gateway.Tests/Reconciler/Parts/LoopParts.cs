using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler;
using Gateway.Reconciler.Registry;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;
using Gateway.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>The parts of the reconciler's loop without the loop: a test shows them a world, and asks one of them. Ports are not there.</summary>
internal sealed class LoopParts : IDisposable
{
    public static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:00");

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-parts-");
    private readonly Store _store;
    private readonly List<Action> _posted = [];

    public LoopParts(string yaml)
    {
        var read = ConfigurationLoader.Parse(yaml, "tutti.yaml");
        Configuration = read.Configuration ?? throw new InvalidOperationException(string.Join('\n', read.Errors));
        _store = Store.Open(_data.FullName, Time);
        var journal = new Journal(Time, Faults);
        var view = new HouseView(new DeviceRegistry(Configuration.House, _store), CatalogueLoader.BuiltIn);
        Loop = new LoopContext(view, new DesiredState(_store), journal, new Operations(journal, Time, _posted.Add, () => { }), new HousePorts(null!, null!, null!, null), Time);
        Speakers = new SpeakerRuns(view, Time);
        History = new LinkHistory(_store);
        Links = new SpeakerLinks(Loop, Speakers, History);
        Groups = new GroupRuns(Configuration.House.Groups, Time);
        Show();
    }

    /// <summary>Speakers s1 and s2, and the group of both.</summary>
    public static LoopParts OfAPair() => new("""
        speakers:
          - {id: s1, name: Speaker 1, address: '00:AA:02:00:00:01'}
          - {id: s2, name: Speaker 2, address: '00:AA:02:00:00:02'}
        groups:
          - {id: pair, name: Pair, members: [s1, s2], source: pipe:test-signal}
        """);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public LoggedFaults Faults { get; } = new();
    public TuttiConfiguration Configuration { get; }
    public LoopContext Loop { get; }
    public SpeakerRuns Speakers { get; }
    public LinkHistory History { get; }
    public SpeakerLinks Links { get; }
    public GroupRuns Groups { get; }

    public static RadioDevice Speaker(int number, bool linked = false, bool paired = true) => new()
    {
        Address = BluetoothAddress.Parse(AddressOf(number)), Adapter = Adapter, Name = $"Speaker {number}", Kind = RadioKind.Speaker, OffersSink = true, Paired = paired,
        Link = linked ? RadioLink.Connected : RadioLink.Disconnected, LinkedAs = linked ? RadioRole.Sink : null,
    };

    public static string AddressOf(int number) => $"00:AA:02:00:00:0{number}";

    /// <summary>What the radio shows from now on.</summary>
    public void Show(params RadioDevice[] devices) =>
        Show(new BluetoothSnapshot([new RadioAdapter(Adapter, "hci0", Powered: true, Discovering: false, Discoverable: false, LeAudio: false)], devices, null) { OwnsAudio = true });

    /// <inheritdoc cref="Show(RadioDevice[])"/>
    public void Show(BluetoothSnapshot shown) => Loop.View.Show(shown, new OutputLook([BluetoothLinks.OutputsIn(shown)]));

    /// <summary>Starts what waits for a publication, until nothing more is posted.</summary>
    public void Settle()
    {
        do
        {
            foreach (var start in Loop.Operations.TakeStarts()) start();
            var posted = _posted.ToList();
            _posted.Clear();
            posted.ForEach(p => p());
        }
        while (_posted.Count > 0);
    }

    public string Told() => string.Join(' ', Loop.Journal.TakeEvents().Select(e => Words.Of(e.EventType)));

    public IReadOnlyList<Answer> Answers() => Loop.Journal.TakeAnswers();

    public static Command Command(string kind, string id, string property, string value) =>
        new() { Kind = kind, Id = id, Property = property, Value = value };

    public void Dispose()
    {
        _store.Dispose();
        _data.Delete(recursive: true);
    }
}
