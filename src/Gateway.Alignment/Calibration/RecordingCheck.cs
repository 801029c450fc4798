using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>Looks at a recording before anything is measured in it.</summary>
internal static class RecordingCheck
{
    private const double SilenceDbfs = -90;
    private const double DeadChannelDb = 40;
    private const double ClippedShare = 0.0005;
    private const int ClippedRun = 3;
    private const float QuietPeak = 0.02f;

    /// <summary>The channel to use (the loudest that is not overdriven), as mono; or why there is none.</summary>
    public static (float[] Mono, int Channel, CalibrationRejection Rejection, string Explanation) SelectChannel(ReadOnlySpan<float> interleaved, int channels)
    {
        foreach (var sample in interleaved)
        {
            if (!float.IsFinite(sample))
                return Reject(CalibrationRejection.Invalid, "The recording contains values that are not numbers. Record it again.");
        }

        var best = Reject(CalibrationRejection.NoProbe, "The recording is silent. Check that the microphone is on, not muted, and the right one.");
        var bestLevel = SilenceDbfs;
        for (var channel = 0; channel < channels; channel++)
        {
            var mono = Extract(interleaved, channels, channel);
            var level = 10 * Math.Log10(VectorMath.MeanSquare(mono) + 1e-30);
            if (level < SilenceDbfs)
                continue;

            var candidate = IsClipped(mono)
                ? (mono, channel, CalibrationRejection.Clipped, "The recording is overdriven. Lower the recording level or the volume and record it again.")
                : (mono, channel, CalibrationRejection.None, "");
            if (IsBetter(candidate.Item3, level, best.Rejection, bestLevel))
                (best, bestLevel) = (candidate, level);
        }

        return best;
    }

    /// <summary>An unclipped channel goes before a clipped one, unless it is dead beside it.</summary>
    private static bool IsBetter(CalibrationRejection rejection, double level, CalibrationRejection bestRejection, double bestLevel)
    {
        if (bestRejection == CalibrationRejection.NoProbe)
            return true;
        if (rejection == bestRejection)
            return level > bestLevel;

        return rejection == CalibrationRejection.None ? level > bestLevel - DeadChannelDb : level > bestLevel + DeadChannelDb;
    }

    /// <summary>Runs of samples that stand at the recording's extreme: a wave's crest is never flat, a clipped one is.</summary>
    private static bool IsClipped(ReadOnlySpan<float> mono)
    {
        var peak = 0f;
        foreach (var sample in mono)
            peak = Math.Max(peak, Math.Abs(sample));

        // A quiet recorder's few quantisation steps look flat everywhere.
        if (peak < QuietPeak)
            return false;

        // -32 768 and +32 767 of a 16-bit recorder are both the end of its range.
        var plateau = peak * (1 - 4e-5f);
        var (run, clipped) = (0, 0);
        foreach (var sample in mono)
        {
            run = Math.Abs(sample) >= plateau ? run + 1 : 0;
            if (run >= ClippedRun)
                clipped += run == ClippedRun ? ClippedRun : 1;
        }

        return clipped > ClippedShare * mono.Length;
    }

    private static float[] Extract(ReadOnlySpan<float> interleaved, int channels, int channel)
    {
        var mono = new float[interleaved.Length / channels];
        for (var frame = 0; frame < mono.Length; frame++)
            mono[frame] = interleaved[frame * channels + channel];
        return mono;
    }

    private static (float[] Mono, int Channel, CalibrationRejection Rejection, string Explanation) Reject(CalibrationRejection rejection, string explanation) =>
        ([], 0, rejection, explanation);
}
