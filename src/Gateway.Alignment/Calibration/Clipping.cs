namespace Gateway.Alignment.Calibration;

/// <summary>Was the recorder overdriven?</summary>
internal static class Clipping
{
    private const double ClippedShare = 0.0005;
    private const int ClippedRun = 3;
    private const float QuietPeak = 0.02f;

    /// <summary>+32 767 and -32 768 of a 16-bit recorder are both the end of its range.</summary>
    private const float Plateau = 1 - 4e-5f;

    /// <summary>Runs of samples that stand at the highest or lowest value: a wave's crest is never flat, a clipped one is.</summary>
    public static bool IsClipped(ReadOnlySpan<float> mono)
    {
        var (highest, lowest) = (float.MinValue, float.MaxValue);
        foreach (var sample in mono)
            (highest, lowest) = (Math.Max(highest, sample), Math.Min(lowest, sample));

        // A quiet recorder's few quantisation steps look flat everywhere.
        if (highest - lowest < 2 * QuietPeak)
            return false;

        // The two ends lie unevenly where an offset was taken out afterwards.
        var slack = (1 - Plateau) * Math.Max(Math.Abs(highest), Math.Abs(lowest));
        var (above, below, clipped) = (0, 0, 0);
        foreach (var sample in mono)
        {
            above = sample >= highest - slack ? above + 1 : 0;
            below = sample <= lowest + slack ? below + 1 : 0;
            var run = Math.Max(above, below);
            if (run >= ClippedRun)
                clipped += run == ClippedRun ? ClippedRun : 1;
        }

        return clipped > ClippedShare * mono.Length;
    }
}
