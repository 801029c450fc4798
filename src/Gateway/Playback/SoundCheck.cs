using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Playback;

/// <summary>Listens to a source until sound arrives, and says how loud it is.</summary>
internal static class SoundCheck
{
    /// <summary>What a source sends while it is silent lies far below; the faintest music above.</summary>
    public const double SilenceDbfs = -60;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Root mean square of half a second that arrived, in dB of full scale; null: nothing but silence came in time.</summary>
    public static async Task<double?> LevelAsync(IAudioInput input, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var until = time.Now() + patience;
        var block = new float[480 * input.Channels];
        var (energy, frames) = (0.0, 0);
        while (input.IsOpen && time.Now() < until)
        {
            while (input.Read(block) is > 0 and var read)
            {
                foreach (var sample in block.AsSpan(0, read * input.Channels)) energy += (double)sample * sample;
                frames += read;
                if (frames < input.SampleRate / 2) continue;
                var level = 10 * Math.Log10(energy / (frames * input.Channels));
                if (level > SilenceDbfs) return level;
                (energy, frames) = (0, 0);
                if (time.Now() >= until) break; // one that gives without end would keep us
            }

            await Task.Delay(s_pause, time, cancellationToken);
        }

        return null;
    }
}
