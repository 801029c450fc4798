namespace Gateway.Bluetooth.A2dp;

/// <summary>A gain without clicks.</summary>
internal static class Fade
{
    /// <summary>Scales samples in place, going evenly from one gain to the other over the block, and returns the gain at its end.</summary>
    public static float Apply(Span<float> samples, float from, float to)
    {
        if (samples.IsEmpty) return from;
        if (from == 1f && to == 1f) return 1f;
        var step = (to - from) / samples.Length;
        for (var i = 0; i < samples.Length; i++) samples[i] *= from + (step * (i + 1));
        return to;
    }
}
