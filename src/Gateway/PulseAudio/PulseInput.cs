using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Native.Pulse;

namespace Gateway.PulseAudio;

/// <summary>
/// A source of the sound server: a socket, or an Echo or phone that plays to us, as the server decodes it. A source that sleeps is waited for: servers put it to sleep when its device pauses. The audio
/// thread reads; anybody may ask what is wrong, and dispose it.
/// </summary>
/// <param name="recording">Owned.</param>
/// <param name="device">The name of the Echo or phone; null: it is none.</param>
internal sealed class PulseInput(PulseRecording recording, PulseSource source, string? device) : IAudioInput, IPulseStream
{
    private const long LongestOpening = 10_000_000_000;

    /// <summary>Of a source that is awake. A link that has just begun to play takes a second.</summary>
    private const long LongestSilence = 3_000_000_000;

    private long _since; // nanoseconds: of the last sound, or of the last time at which none was to be expected
    private volatile PulseEnd _end;
    private volatile PulseInputTrouble _trouble;
    private volatile bool _released;

    public int SampleRate => PulseRecording.SampleRate;

    public int Channels => recording.Channels;

    public bool IsOpen => _end == PulseEnd.None;

    public bool IsReleased => _released;

    public string? Problem => PulseTexts.Of(_end, _trouble, source, device, recording.Reason);

    public int Read(Span<float> samples)
    {
        if (!IsOpen) return 0;
        var now = AudioThread.NowNanoseconds;
        if (_since == 0) _since = now;
        var frames = recording.Read(samples);
        if (frames > 0) _since = now;
        switch (recording.State)
        {
            case PulseRecordingState.Opening when now - _since > LongestOpening:
                Close(PulseEnd.NoAnswer);
                break;
            case PulseRecordingState.Recording:
                Tell(now - _since > LongestSilence ? PulseInputTrouble.Silent : PulseInputTrouble.None);
                break;
            case PulseRecordingState.Suspended:
                _since = now;
                Tell(PulseInputTrouble.Asleep);
                break;
            case PulseRecordingState.Moved:
                Close(PulseEnd.Moved);
                break;
            case PulseRecordingState.Ended:
                Close(PulseEnd.Gone);
                break;
        }

        return frames;
    }

    public void Dispose()
    {
        Close(PulseEnd.Gone);
        recording.Dispose();
        _released = true;
    }

    private void Tell(PulseInputTrouble trouble)
    {
        if (_trouble != trouble) _trouble = trouble;
    }

    private void Close(PulseEnd why)
    {
        if (_end == PulseEnd.None) _end = why;
    }
}

/// <summary>Why nothing comes although the source is there.</summary>
internal enum PulseInputTrouble
{
    None,
    Asleep,
    Silent,
}
