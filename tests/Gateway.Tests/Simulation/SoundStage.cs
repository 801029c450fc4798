using Gateway.Engine;
using Gateway.Engine.Ports;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

/// <summary>Speakers of a demo house with open outputs, all fed from what a test gives, on a clock that only the test moves.</summary>
internal sealed class SoundStage : IAsyncDisposable
{
    private readonly List<Lane> _lanes = [];
    private readonly float[] _scratch = new float[2 * 480];

    private SoundStage(DemoHouse house) => House = house;

    public DemoHouse House { get; }

    /// <param name="feed">Fills interleaved stereo for a speaker, from a position on.</param>
    public static async Task<SoundStage> OpenAsync(Action<string, long, Span<float>> feed, string[] speakers, int seed = 1)
    {
        var stage = new SoundStage(new DemoHouse(seed));
        foreach (var id in speakers)
        {
            await stage.House.ConnectAsync(Hci0, id);
            stage.Open(id, (position, into) => feed(id, position, into));
        }

        return stage;
    }

    public void Open(string id, Action<long, Span<float>> feed) => Open(id, House.Speaker(id), feed);

    public void Open(string id, string address, Action<long, Span<float>> feed) =>
        _lanes.Add(new Lane(id, House.House.Audio.OpenOutput(Hci0, BluetoothAddress.Parse(address)), feed));

    public IAudioOutput Output(string id) => _lanes.Single(l => l.Id == id).Output;

    /// <summary>Frames that <see cref="Play"/> has written.</summary>
    public long Written(string id) => _lanes.Single(l => l.Id == id).Position;

    public long Nanoseconds => (long)((Int128)House.Time.GetTimestamp() * 1_000_000_000 / House.Time.TimestampFrequency);

    /// <summary>Keeps every ring full while the clock goes on.</summary>
    public void Play(TimeSpan time, Action? each = null)
    {
        for (var end = House.Time.GetUtcNow() + time; House.Time.GetUtcNow() < end; House.Time.Advance(TimeSpan.FromMilliseconds(10)))
        {
            foreach (var lane in _lanes) Fill(lane);
            each?.Invoke();
        }
    }

    public async ValueTask DisposeAsync() => await House.DisposeAsync();

    private void Fill(Lane lane)
    {
        while (lane.Output.FreeFrames > 0)
        {
            lane.Feed(lane.Position, _scratch);
            var taken = lane.Output.Write(_scratch);
            if (taken == 0) return;
            lane.Position += taken;
        }
    }

    private sealed class Lane(string id, IAudioOutput output, Action<long, Span<float>> feed)
    {
        public string Id => id;
        public IAudioOutput Output => output;
        public Action<long, Span<float>> Feed => feed;
        public long Position { get; set; }
    }
}
