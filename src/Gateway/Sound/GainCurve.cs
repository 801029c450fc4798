namespace Gateway.Sound;

/// <summary>What a volume means, wherever we turn the sound down ourselves.</summary>
internal static class GainCurve
{
    /// <summary>Of a volume between 0 and 1. Cubed, as loudness follows amplitude so: a half is 18 dB down.</summary>
    public static float Of(float volume) => volume * volume * volume;
}
