namespace Gateway.Alignment.Calibration;

/// <summary>One pass over a recording before anything is measured in it: is every value a number, and which channels hold sound.</summary>
internal static class RecordingSurvey
{
    /// <summary>So many channels are tried, the loudest first.</summary>
    private const int MaxChannels = 4;

    /// <summary>A 16-bit recorder's last bit, toggling, lies above; below is what arithmetic leaves of silence.</summary>
    private const double SilenceDbfs = -110;

    private const int BlockFrames = 16_384;

    /// <summary>Channels with sound, the loudest first; null: some value is not a number.</summary>
    public static IReadOnlyList<int>? FindChannels(IRecording recording, CancellationToken cancellationToken)
    {
        var block = new float[BlockFrames * recording.Channels];
        var (last, power) = (new double[recording.Channels], new double[recording.Channels]);
        int frames;
        for (var at = 0L; (frames = recording.Read(at, block)) > 0; at += frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at == 0)
            {
                for (var channel = 0; channel < last.Length; channel++)
                    last[channel] = block[channel];
            }

            for (var i = 0; i < frames * last.Length; i += last.Length)
            {
                for (var channel = 0; channel < last.Length; channel++)
                {
                    var sample = (double)block[i + channel];
                    if (!double.IsFinite(sample))
                        return null;

                    // By the difference to the last sample: an offset or a hum on an open input is no sound of ours.
                    var step = sample - last[channel];
                    power[channel] += step * step;
                    last[channel] = sample;
                }
            }
        }

        var silence = Math.Pow(10, SilenceDbfs / 10) * recording.Frames;
        return [.. Enumerable.Range(0, recording.Channels).Where(channel => power[channel] > silence).OrderByDescending(channel => power[channel]).Take(MaxChannels)];
    }
}
