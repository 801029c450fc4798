namespace Gateway.Playback.TestSound;

/// <summary>The test sound of one speaker: three soft notes upwards (C, E, G), 3 s with the silence around them, at most -15 dBFS. Every sample follows from its position.</summary>
internal static class TestChime
{
    public const int Seconds = 3;

    /// <summary>Speakers that were silent swallow the beginning of a stream while they unmute.</summary>
    private const double Before = 0.5;
    private const double Apart = 0.4;
    private const double Attack = 0.01;
    private const double Decay = 0.4;
    private const double Amplitude = 0.1;
    private const double Overtone = 0.15;
    private static readonly double[] s_hertz = [523.25, 659.26, 783.99];

    public static float At(long frame, int sampleRate)
    {
        var at = frame / (double)sampleRate;
        var sum = 0.0;
        for (var note = 0; note < s_hertz.Length; note++)
        {
            var since = at - Before - (note * Apart);
            if (since <= 0) break;
            var (sine, cosine) = Math.SinCos(2 * Math.PI * s_hertz[note] * since);
            sum += Math.Min(1, since / Attack) * Math.Exp(-since / Decay) * (sine + (Overtone * 2 * sine * cosine)); // the last: the octave above
        }

        return (float)(Amplitude * sum * Math.Clamp((Seconds - at) / 0.1, 0, 1));
    }
}
