using Gateway.Alignment.Tracking;
using Gateway.Playback.Audio;

namespace Gateway.Playback.Tracking;

/// <summary>
/// What a group plays, mono, kept for as long as a window of tracking needs it: the music has to be known to be taken out of the
/// recording. Written by the audio thread, read by the analysis, which never reads what may be overwritten meanwhile.
/// </summary>
internal sealed class ProgrammeTap
{
    private const int Hop = HiddenProbeShaper.HopFrames;

    /// <summary>43.7 s: a window of 30 s, and the time to analyse it.</summary>
    public const int Capacity = 1 << 21;

    private readonly float[] _ring = new float[Capacity];
    private readonly float[] _stereo = new float[2 * Hop];
    private readonly float[] _mono = new float[Hop];
    private readonly IReadOnlyList<HiddenProbe> _probes;
    private readonly long _start;
    private long _end;

    /// <param name="start">The first position that is taken.</param>
    /// <param name="probes">Made from the same programme.</param>
    public ProgrammeTap(long start, IReadOnlyList<HiddenProbe> probes) => (_start, _end, _probes) = (start, start, probes);

    /// <summary>The first position not taken yet; may be read by anyone.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Audio thread: takes what the timeline has gained, and makes the probes that belong to it.</summary>
    public void Take(Timeline timeline)
    {
        while (_end + Hop <= timeline.End)
        {
            timeline.Read(_end, _stereo);
            for (var i = 0; i < Hop; i++)
            {
                var sample = 0.5f * (_stereo[2 * i] + _stereo[(2 * i) + 1]);
                _mono[i] = sample;
                _ring[(int)((_end + i) & (Capacity - 1))] = sample;
            }

            for (var i = 0; i < _probes.Count; i++) _probes[i].Extend(_mono);
            Volatile.Write(ref _end, _end + Hop);
        }
    }

    /// <summary>False: it is not there yet, or no longer.</summary>
    public bool TryRead(long position, Span<float> mono)
    {
        if (position < _start || position + mono.Length > End) return false;
        var at = (int)(position & (Capacity - 1));
        var first = Math.Min(mono.Length, Capacity - at);
        _ring.AsSpan(at, first).CopyTo(mono);
        _ring.AsSpan(0, mono.Length - first).CopyTo(mono[first..]);
        return position >= End - Capacity + (8 * Hop); // what was overwritten while we copied
    }
}
