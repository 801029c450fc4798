using Gateway.Alignment.Calibration;
using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Playback.Audio;

namespace Gateway.Playback.Calibration;

/// <summary>What a run heard.</summary>
/// <param name="LatencyMs">By speaker, for the accepted ones: from the line to the microphone, delay included.</param>
/// <param name="Result">The analysis, speakers in the order of the lanes.</param>
internal sealed record CalibrationHearing(CalibrationResult Result, IReadOnlyList<double?> LatencyMs);

/// <summary>
/// One run: mixes each output's probes into what it plays, records the microphone beside it, and analyses. The recording lives in
/// memory while the run lasts and is never stored. Runs on the pool.
/// </summary>
internal sealed class CalibrationRun(GroupPlayer player, IReadOnlyList<OutputLane> lanes, SoundProviders sound, string microphone, int series, TimeProvider time)
{
    // From now to the first probe: the gain's ramp, and a write-ahead that the audio thread may already have used.
    private const int HeadStartFrames = Timeline.SampleRate / 5;

    /// <summary>The latest arrival after the line: latency 0.5 s, and what the microphone's own path takes.</summary>
    private const double TailSeconds = 0.55;
    private const int RealTimePriority = 5;
    private const double PatienceNanoseconds = 5e9;
    private const long Pause = 10_000_000; // ns

    /// <param name="longestDelayMs">Of the outputs in the run.</param>
    /// <param name="phase">Told as it goes on.</param>
    /// <exception cref="PortException">The microphone cannot be opened.</exception>
    public async Task<CalibrationHearing> RunAsync(double longestDelayMs, Action<string> phase, CancellationToken cancellationToken)
    {
        var set = new ProbeSet(lanes.Count, 2, series);
        var signals = await Task.Run(() => Render(set), cancellationToken);
        using var input = sound.OpenMicrophone(microphone);
        var arrivals = new CaptureClock();
        var (start, lead) = (player.Written + HeadStartFrames, player.Line.Lead);
        try
        {
            player.Change(() =>
            {
                for (var i = 0; i < lanes.Count; i++)
                {
                    lanes[i].SetDucked(true);
                    lanes[i].SetProbe(signals[i], start, 1);
                }
            });
            phase("measuring");
            var end = player.Line.NanosecondsOf(start + ProbeSet.GetProbeStart(set.Probes - 1) + set.ProbeFrames) + (longestDelayMs * 1e6) + (TailSeconds * 1e9);
            var recording = await RecordOnThreadAsync(input, end, arrivals, cancellationToken);
            if (player.Line.Lead != lead) throw new PortException(PortError.Other, "A speaker with a deep buffer joined in the middle of it, and all others were moved to wait for it.", "Calibrate again.");
            phase("analysing");
            var result = await Task.Run(() => CalibrationAnalysis.Analyse(recording, input.Channels, input.SampleRate, set), cancellationToken);
            var due = player.Line.NanosecondsOf(start + ProbeSet.GetProbeStart(0));
            var nanosecondsPerSample = 1e9 / (input.SampleRate * (1 + ((result.SkewPpm ?? 0) * 1e-6)));
            var begun = arrivals.LeastDelay(0, sample => sample * nanosecondsPerSample) ?? player.Nanoseconds;
            return new CalibrationHearing(result, [.. result.Speakers.Select(s => s.ArrivalUs is { } us ? ((begun - due) / 1e6) + (us / 1000) : (double?)null)]);
        }
        finally
        {
            player.Change(() =>
            {
                foreach (var lane in lanes)
                {
                    lane.SetProbe(null, 0, 0);
                    lane.SetDucked(false);
                }
            });
        }
    }

    private static float[][] Render(ProbeSet set)
    {
        var signals = new float[set.Speakers][];
        Parallel.For(0, set.Speakers, i => signals[i] = set.Render(i));
        return signals;
    }

    /// <summary>A thread of its own: what a microphone's owner does not fetch in time is lost, and moves all that follows.</summary>
    private Task<float[]> RecordOnThreadAsync(IAudioInput input, double endNanoseconds, CaptureClock arrivals, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            AudioThread.TryRaisePriority(RealTimePriority);
            return Record(input, endNanoseconds, arrivals, cancellationToken);
        }, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Until the recording reaches the end: who was slow to open the microphone has what was heard meanwhile at its beginning.</summary>
    private float[] Record(IAudioInput input, double endNanoseconds, CaptureClock arrivals, CancellationToken cancellationToken)
    {
        var (filled, reached, patienceEnds) = (0, 0.0, endNanoseconds + PatienceNanoseconds);
        var begun = double.MaxValue;
        var recording = new float[(int)((patienceEnds - player.Nanoseconds) * 1e-9 * input.SampleRate) * input.Channels];
        while (filled < recording.Length && reached < endNanoseconds)
        {
            var frames = input.Read(recording.AsSpan(filled));
            filled += frames * input.Channels;
            var now = player.Nanoseconds;
            if (!input.IsOpen || now > patienceEnds) throw new PortException(PortError.Other, "The microphone stopped in the middle of the recording.", "Check its connection and the sound server, and calibrate again.");
            cancellationToken.ThrowIfCancellationRequested();
            if (frames == 0)
            {
                time.Sleep(Pause);
                continue;
            }

            arrivals.Note(filled / input.Channels, now);
            var lengthNanoseconds = filled / input.Channels * 1e9 / input.SampleRate;
            begun = Math.Min(begun, now - lengthNanoseconds);
            reached = begun + lengthNanoseconds;
        }

        return recording[..filled];
    }
}
