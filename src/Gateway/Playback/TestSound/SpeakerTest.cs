using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Timing;

namespace Gateway.Playback.TestSound;

/// <summary>The test sound on its way to one speaker. Touched by the engine's loop only; <see cref="Ended"/> may be awaited anywhere.</summary>
internal sealed class SpeakerTest(PlaybackMember place, SpeakerOutput output, TimeProvider time)
{
    /// <summary>Opening a stream may take several tries; a device that takes the sound takes it in the sound's own time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private const int Block = 480;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _until = time.Now() + s_patience;
    private readonly long _before = output.Written;
    private readonly int _length = TestChime.Seconds * output.SampleRate;
    private readonly float[] _block = new float[2 * Block];
    private int _next;

    public PlaybackMember Place => place;
    public SpeakerOutput Output => output;

    /// <summary>Done when the device has taken the last frame of the sound; a <see cref="PortException"/> says why it did not.</summary>
    public Task Ended => _ended.Task;

    /// <summary>True: it is over.</summary>
    /// <param name="aheadMs">How much of it shall lie in the device.</param>
    public bool Tick(int aheadMs)
    {
        var ahead = output.SampleRate * aheadMs / 1000;
        Write(output.RoomFor(ahead));
        if (_next == _length) output.FillWithSilence(ahead); // the last frames leave with what follows them
        if (Taken >= _length) _ended.TrySetResult();
        else if (!output.IsOpen) Fail(Taken == 0 ? "the way to it could not be opened" : "the way to it broke off while the sound played", "Switch the speaker off and on, connect it again, then press Test sound.");
        else if (time.Now() >= _until) Fail(Taken == 0 ? $"it took none of it within {s_patience.TotalSeconds:0} s" : $"it took only a part of it within {s_patience.TotalSeconds:0} s", "Bring it nearer, or connect it again, then press Test sound.");
        return _ended.Task.IsCompleted;
    }

    public void Fail(string why, string? remedy = null) => _ended.TrySetException(new PortException(PortError.Other, $"The test sound did not go out whole to {place.Name}: {why}.", remedy));

    /// <summary>Frames of the sound that the device has taken: those of others were before it, and zeros that filled gaps are none of ours.</summary>
    private long Taken => output.TryReadClock(out var clock) ? Math.Clamp(clock.FramesConsumed - clock.UnderrunFrames - _before, 0, _next) : 0;

    private void Write(int room)
    {
        while (room > 0 && _next < _length)
        {
            var frames = Math.Min(Block, Math.Min(room, _length - _next));
            for (var i = 0; i < frames; i++) _block[2 * i] = _block[(2 * i) + 1] = TestChime.At(_next + i, output.SampleRate);
            var taken = output.Write(_block.AsSpan(0, 2 * frames));
            if (taken == 0) return;
            _next += taken;
            room -= taken;
        }
    }
}
