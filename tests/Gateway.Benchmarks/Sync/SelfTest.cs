using Gateway.Alignment.Dsp;
using Gateway.Files;

namespace Gateway.Benchmarks.Sync;

/// <summary>The measuring itself, with the very speakers and pipes that the systems get.</summary>
internal static class SelfTest
{
    private const int Seconds = 6;
    private const int PipeFrames = 8192;

    /// <summary>
    /// The largest offset that is read, in ms, where there is none: of three equal speakers on one stream; and of speakers of 0, +100 and -100 ppm
    /// whose streams were resampled for their clocks beforehand.
    /// </summary>
    public static (double EqualMs, double UnlikeMs) Run(string folder)
    {
        double[] ppm = [0, 0, 0, 0, 100, -100];
        var begin = SyncRun.Now + 400e6;
        var fifos = ppm.Select((_, i) => Fifo.Create(Path.Combine(folder, $"self{i}"), PipeFrames)).ToArray();
        var speakers = ppm.Select((p, i) => new VirtualSpeaker(fifos[i], p, Seconds, begin)).ToList();
        try
        {
            var streams = ppm.Select(Stream).ToArray();
            var written = new int[ppm.Length];
            Feed(fifos, streams, written);
            speakers.ForEach(s => s.Start());
            while (!speakers.All(s => s.HasEnded))
            {
                Feed(fifos, streams, written);
                Thread.Sleep(10);
            }

            return (Largest(speakers[..3], begin), Largest(speakers[3..], begin));
        }
        finally
        {
            speakers.ForEach(s => s.Dispose());
        }
    }

    private static void Feed(Fifo[] fifos, short[][] streams, int[] written)
    {
        for (var i = 0; i < fifos.Length; i++) written[i] += 2 * fifos[i].Write(streams[i].AsSpan(written[i]));
    }

    private static short[] Stream(double ppm)
    {
        var input = new float[2 * 48_000 * (Seconds + 1)];
        for (var i = 0; i < input.Length / 2; i++) input[2 * i] = input[(2 * i) + 1] = TestSignalInput.At(i);
        var output = new float[2 * 48_000 * Seconds];
        if (ppm == 0) input.AsSpan(0, output.Length).CopyTo(output);
        else _ = new Resampler().Process(input, output, 1 / (1 + (ppm * 1e-6)), out _);
        return [.. output.Select(x => (short)MathF.Round(32_767 * x))];
    }

    private static double Largest(List<VirtualSpeaker> speakers, double begin) =>
        new OffsetTrack(new PairCorrelator(96_000), speakers, begin + 0.5e9, begin + ((Seconds - 0.5) * 1e9), 0.5).Magnitudes(0, double.MaxValue).Max();
}
