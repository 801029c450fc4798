using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

/// <summary>An adapter with streams on a clock of its own, in steps of 5 ms: what the machine lets run, and what each socket takes, is scripted.</summary>
internal sealed class StallRig
{
    private const long Ms = 1_000_000;
    private const long Step = 5 * Ms;
    private const long Packet = 18_666_667;
    private const long TooLate = 150 * Ms;

    private readonly Heartbeat _heart = new(ownThread: false);
    private readonly StallWatch _watch;
    private readonly List<Stream> _streams = [];
    private long _now = 1_000_000 * Ms;
    private long _nextBeat;

    public StallRig(int streams)
    {
        _watch = new StallWatch(_heart);
        for (var i = 0; i < streams; i++) Add();
    }

    /// <summary>Seconds since the start.</summary>
    public double Time => (_now - (1_000_000 * Ms)) / 1e9;

    /// <summary>Does the socket of a stream take a packet now?</summary>
    public Func<int, double, bool> Takes { get; init; } = (_, _) => true;

    /// <summary>Does a stream's sender get the processor now?</summary>
    public Func<int, double, bool> SenderRuns { get; init; } = (_, _) => true;

    /// <summary>Do ordinary threads get the processor now?</summary>
    public Func<double, bool> OthersRun { get; init; } = _ => true;

    /// <summary>Who was given up, and when (s).</summary>
    public List<(int Stream, double At)> GivenUp { get; } = [];

    public void Add() => _streams.Add(new Stream(_watch.Join(), _now));

    /// <summary>A stream ends for another reason: the radio ended its link.</summary>
    public void End(int stream)
    {
        _watch.Leave(_streams[stream].Member);
        _streams[stream].IsOver = true;
    }

    public StallRig Run(double seconds)
    {
        for (var end = Time + seconds; Time < end; _now += Step)
        {
            if (OthersRun(Time) && _now >= _nextBeat)
            {
                _heart.Beat(_now);
                _nextBeat = _now + (20 * Ms);
            }

            for (var i = 0; i < _streams.Count; i++)
            {
                if (!_streams[i].IsOver && SenderRuns(i, Time)) Send(i);
            }
        }

        return this;
    }

    // As PacketSender does.
    private void Send(int stream)
    {
        var it = _streams[stream];
        for (; it.Due <= _now; it.Due += Packet)
        {
            if (_now - it.Due > TooLate)
            {
                if (!it.Member.IsGone(_now)) continue;
                GivenUp.Add((stream, Time));
                End(stream);
                return;
            }

            if (!Takes(stream, Time))
            {
                it.Member.Refused(_now);
                return;
            }

            it.Member.Taken(_now);
        }
    }

    private sealed class Stream(StallWatch.Member member, long due)
    {
        public StallWatch.Member Member { get; } = member;
        public long Due { get; set; } = due;
        public bool IsOver { get; set; }
    }
}
