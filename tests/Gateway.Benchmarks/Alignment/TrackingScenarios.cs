using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;
using Gateway.Alignment.Tracking;

namespace Gateway.Benchmarks.Alignment;

/// <summary>
/// H1 and H2 of docs/measuring.md §6: hidden probes under music, speakers of equal loudness. H3: H1 with the noise that the product really
/// makes. H4: H2 with speakers up to 12 dB apart, for information: only that nothing wrong is accepted is asked of it.
/// </summary>
internal static class TrackingScenarios
{
    private const int Rate = Probe.SampleRate;
    private const int Speakers = 8;
    private const double GrossUs = 1_000;
    private static readonly double s_probeLevel = Math.Pow(10, -25 / 20.0);

    public static ScenarioResult H1(int trials) => Run("H1", trials, 20, 10, 0.85, grossAllowed: 0.03);

    public static ScenarioResult H2(int trials) => Run("H2", trials, 10, 30, 0.75, grossAllowed: 1);

    public static ScenarioResult H3(int trials) => Run("H3", trials, 20, 10, 0.85, grossAllowed: 0.03, shaped: true);

    public static ScenarioResult H4(int trials) => Run("H4", trials, 10, 30, 0, grossAllowed: 1, gains: true);

    private static ScenarioResult Run(
        string name, int trials, double snrDb, int seconds, double acceptedNeeded, double grossAllowed, bool shaped = false, bool gains = false)
    {
        var frames = seconds * Rate;
        var tracker = new HiddenProbeTracker(frames);
        var recording = new RoomRecording(seconds > 20 ? 1 << 21 : 1 << 19);
        var (errors, accepted) = (new List<double>(), new List<double>());
        for (var trial = 0; trial < trials; trial++)
        {
            var programme = Enveloped((ulong)(4_000 + trial), frames, 1);
            var probes = Enumerable.Range(0, Speakers)
                .Select(k => shaped ? Shaped(programme, k) : Enveloped((ulong)(6_000 + 100 * trial + k), frames, s_probeLevel)).ToArray();
            var rooms = Record(recording, programme, probes, trial, snrDb, gains);
            tracker.Load(recording.ToSingle().AsSpan(0, frames), programme);
            for (var k = 0; k < Speakers; k++)
            {
                // Known to a few milliseconds, as after a re-buffering.
                var known = rooms[k].ArrivalSamples + (k % 2 == 0 ? 3 : -3) * Rate / 1000;
                var estimate = tracker.Find(probes[k], known);
                errors.Add((estimate.ArrivalSamples - rooms[k].ArrivalSamples) * 1e6 / Rate);
                if (estimate.IsAccepted)
                    accepted.Add(errors[^1]);
            }
        }

        var p95 = Statistics.Percentile(accepted.Select(Math.Abs), 0.95);
        var gross = errors.Count(error => Math.Abs(error) > GrossUs) / (double)errors.Count;
        var grossAccepted = accepted.Count(error => Math.Abs(error) > GrossUs);
        var share = (double)accepted.Count / errors.Count;
        return new ScenarioResult(name, trials, Statistics.Median(accepted.Select(Math.Abs)), p95, gross, grossAccepted, share,
            p95 <= 50 && gross <= grossAllowed && grossAccepted == 0 && share >= acceptedNeeded, []);
    }

    private static Room[] Record(RoomRecording recording, float[] programme, float[][] probes, int trial, double snrDb, bool gains)
    {
        recording.Clear();
        var rooms = new Room[Speakers];
        for (var k = 0; k < Speakers; k++)
        {
            rooms[k] = Room.Create((ulong)(1_000_003 * 6 + 1_009 * trial + k), 0.5, 0.01);
            var gain = gains ? Math.Pow(10, (12 * new SplitMix64((ulong)(900_001 * 6 + 31 * trial + k)).NextUniform() - 6) / 20) : 1;
            var played = programme.Zip(probes[k], (m, p) => m + p).ToArray();
            recording.Play(played, rooms[k], gain);
        }

        var whole = 0.0;
        for (var n = 0; n < programme.Length; n++)
            whole += recording.Samples[n] * recording.Samples[n];
        recording.AddNoise((ulong)(5_000_011 * 6 + 17 * trial), whole / programme.Length * Math.Pow(10, -snrDb / 10));
        return rooms;
    }

    /// <summary>Room noise that beats twice a second, brought to an rms.</summary>
    private static float[] Enveloped(ulong seed, int frames, double rms)
    {
        var noise = RoomNoise.Create(seed, frames);
        for (var n = 0; n < frames; n++)
        {
            var beat = 2.0 * n / Rate;
            noise[n] *= 0.2 + 0.8 * Math.Exp(-6 * (beat - Math.Floor(beat)));
        }

        var gain = rms / Math.Sqrt(noise.Average(x => x * x));
        return Array.ConvertAll(noise, x => (float)(gain * x));
    }

    private static float[] Shaped(float[] programme, int code)
    {
        const int hop = HiddenProbeShaper.HopFrames;
        var shaper = new HiddenProbeShaper(code);
        var (probe, delayed) = (new float[programme.Length], new float[hop]);
        for (var at = 0; at + hop <= programme.Length; at += hop)
        {
            shaper.Process(programme.AsSpan(at, hop), delayed);
            if (at >= HiddenProbeShaper.LatencyFrames)
                delayed.CopyTo(probe, at - HiddenProbeShaper.LatencyFrames);
        }

        return probe;
    }
}
