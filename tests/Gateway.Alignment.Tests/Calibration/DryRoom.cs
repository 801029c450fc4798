using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tests.Calibration;

/// <summary>What a microphone hears of a run where nothing reflects but what is asked for.</summary>
internal static class DryRoom
{
    /// <summary>So long before the run the recording begins.</summary>
    public const int PreFrames = 24_000;

    /// <summary>How late each speaker is.</summary>
    public static readonly int[] LateFrames = [480, 6_240, 2_000, 9_600];

    public static CalibrationResult Analyse(ProbeSet set, float[] heard) => CalibrationAnalysis.Analyse(heard, 1, ProbeSet.SampleRate, set);

    /// <param name="paths">Speaker, frames after its direct sound, gain.</param>
    public static float[] Hear(ProbeSet set, params (int Speaker, int Frames, float Gain)[] paths)
    {
        var heard = new float[PreFrames + set.TotalFrames + ProbeSet.SampleRate];
        var random = new Random(1);
        for (var n = 0; n < heard.Length; n++) heard[n] = 0.0005f * ((float)random.NextDouble() - 0.5f);
        foreach (var (speaker, frames, gain) in paths) Add(heard, set.Render(speaker), LateFrames[speaker] + frames, gain);
        return heard;
    }

    public static void Add(float[] heard, float[] signal, int late, float gain)
    {
        for (var n = 0; n < signal.Length; n++) heard[PreFrames + late + n] += gain * signal[n];
    }
}
