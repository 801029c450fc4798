using Gateway.Alignment.Tracking;

namespace Gateway.Playback.Tracking;

/// <summary>
/// The noise that tells one speaker's sound from the others', 25 dB below the music and shaped like it: made as the timeline grows, mixed
/// in where the output reads it. Audio thread only; allocates nothing after construction.
/// </summary>
/// <param name="code">Which noise.</param>
/// <param name="start">The first position of the programme that is fed in.</param>
internal sealed class HiddenProbe(int code, long start)
{
    // 2.7 s: what the longest delay lies behind the timeline's end.
    private const int Capacity = 1 << 17;
    private readonly HiddenProbeShaper _shaper = new(code);
    private readonly float[] _ring = new float[Capacity];
    private readonly float[] _hop = new float[HiddenProbeShaper.HopFrames];
    private long _end = start - HiddenProbeShaper.LatencyFrames; // what belongs before the start is silence but for its last hop, and nobody reads it

    /// <summary>Takes the next hop of the programme.</summary>
    public void Extend(ReadOnlySpan<float> programme)
    {
        _shaper.Process(programme, _hop);
        for (var i = 0; i < _hop.Length; i++) _ring[(int)((_end + i) & (Capacity - 1))] = _hop[i];
        _end += _hop.Length;
    }

    /// <summary>Adds to stereo frames that begin at a position. Nothing where it is not made yet, or no longer kept.</summary>
    public void MixInto(long position, Span<float> stereo, float gain)
    {
        for (var i = 0; i < stereo.Length / 2; i++)
        {
            var at = position + i;
            if (at < start || at >= _end || at < _end - Capacity) continue;
            var sample = gain * _ring[(int)(at & (Capacity - 1))];
            stereo[2 * i] += sample;
            stereo[(2 * i) + 1] += sample;
        }
    }
}
