using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;

namespace Gateway.Benchmarks.Alignment;

/// <summary>A whole calibration run as a microphone hears it: every speaker in a room of its own, noise, a recorder with another clock.</summary>
internal sealed record CalibrationRecording(ProbeSet Set, float[] Samples, Room[] Rooms, double SkewPpm)
{
    private const double MaxLatency = 0.3;

    /// <param name="set">What is played.</param>
    /// <param name="trial">Rooms 1000003 × 8 + 1009 × trial + k, noise 5000011 × 8 + 17 × trial.</param>
    /// <param name="snrDb">Against the loudest speaker.</param>
    /// <param name="skewPpm">The recorder's, positive = fast.</param>
    /// <param name="startFrames">How long before the run the recording begins.</param>
    /// <param name="alter">Changes what a speaker plays (index, signal) before it sounds.</param>
    public static CalibrationRecording Create(
        ProbeSet set, int trial, double snrDb, double skewPpm = 0, int startFrames = 0, Func<int, float[], float[]>? alter = null)
    {
        var recording = new RoomRecording(set.Probes == 2 && startFrames < 100_000 ? 1 << 20 : 1 << 21);
        var rooms = new Room[set.Speakers];
        for (var k = 0; k < rooms.Length; k++)
        {
            rooms[k] = Room.Create((ulong)(1_000_003 * 8 + 1_009 * trial + k), 0.5, MaxLatency);
            var signal = set.Render(k);
            recording.Play(alter is null ? signal : alter(k, signal), rooms[k], 1, startFrames);
        }

        // The run is mostly pauses: the probe's own power is what counts.
        var probePower = recording.LoudestPower * set.TotalFrames / (set.Probes * set.ProbeFrames);
        recording.AddNoise((ulong)(5_000_011 * 8 + 17 * trial), probePower * Math.Pow(10, -snrDb / 10));
        var length = startFrames + set.TotalFrames + Probe.SampleRate;
        return new CalibrationRecording(set, SkewedRecorder.Record(recording.ToSingle().AsSpan(0, length), skewPpm), rooms, skewPpm);
    }

    /// <summary>The true arrival of speaker k after that of the slowest, µs.</summary>
    public double GetTrueRelativeUs(int speaker) =>
        (Rooms[speaker].ArrivalSamples - Rooms.Max(room => room.ArrivalSamples)) * 1e6 / Probe.SampleRate;
}
