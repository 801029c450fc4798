using Gateway.Configuration;

namespace Gateway.Bluetooth;

/// <summary>What an <see cref="AudioOwnership"/> decides by.</summary>
/// <param name="SoundServer">Another program does Bluetooth audio on our adapters.</param>
/// <param name="InUse">There are streams, ours or another program's.</param>
/// <param name="Connecting">A device is being connected.</param>
/// <param name="Registered">BlueZ has endpoints of ours.</param>
internal readonly record struct AudioObservation(bool SoundServer, bool InUse, bool Connecting, bool Registered);

/// <summary>
/// Keeps <c>bluetooth.audio: auto</c> true while sound servers come and go, and says when one is missing that the sound is left to. A choice is never
/// changed under what plays: a server that comes waits until our own streams have been over for a while, and its own have to be over before we take the
/// sound from it. Has no clock of its own; one owner at a time.
/// </summary>
internal sealed class AudioOwnership(BluetoothAudio setting, bool codecAvailable, bool onHomeAssistantOs)
{
    /// <summary>A server that is restarted, by itself or with bluetoothd, is back by then.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(10);

    /// <summary>Pauses between pieces, speakers that reconnect, and a bluetoothd that died under the music are no end of it.</summary>
    public static readonly TimeSpan RestTime = TimeSpan.FromMinutes(1);

    private bool? _server;
    private TimeSpan _serverSince;
    private TimeSpan? _usedAt;

    /// <summary>Null: nobody was seen yet who could carry the sound.</summary>
    public AudioChoice? Choice { get; private set; }

    public AudioProblem? Problem { get; private set; }

    /// <summary>A sound server has come, and waits for our streams to end.</summary>
    public bool IsHeld { get; private set; }

    public void Observe(AudioObservation observed, TimeSpan now)
    {
        // The first observation counts at once; a change has to last.
        if (_server != observed.SoundServer) (_server, _serverSince) = (observed.SoundServer, _server is null ? now - SettleTime : now);
        if (observed.InUse) _usedAt = now;
        var settled = now - _serverSince >= SettleTime;
        var wanted = AudioChoice.Make(setting, observed.SoundServer, codecAvailable, onHomeAssistantOs);
        IsHeld = false;
        if (Choice is null || MayChange(wanted, observed, settled, now)) Choice = wanted;
        Problem = !Choice.Own && !observed.SoundServer && settled ? Missing(Choice) : null;
    }

    private bool MayChange(AudioChoice wanted, AudioObservation observed, bool settled, TimeSpan now)
    {
        if (wanted.Own == Choice!.Own) return true;
        if (observed.Connecting) return false;
        if (wanted.Own) return settled && !observed.InUse;
        // As long as nothing of ours is registered, what is seen is certain.
        if (observed.Registered && !settled) return false;
        IsHeld = now - _usedAt < RestTime;
        return !IsHeld;
    }

    private AudioProblem Missing(AudioChoice choice) => new(
        $"Bluetooth sound is left to a sound server, because {choice.Reason}, but none has taken it: no speaker can be connected until one does.",
        onHomeAssistantOs
            ? "Wait for Home Assistant's audio plugin, or restart it (ha audio restart)."
            : "Start PulseAudio (with module-bluetooth-discover) or PipeWire (with WirePlumber), or set bluetooth.audio: own.");
}
