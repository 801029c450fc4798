using Gateway.Engine.Ports;

namespace Gateway.PulseAudio;

/// <summary>The sound server's sources as microphones.</summary>
internal sealed class PulseMicrophones : IMicrophone
{
    public IAudioInput Open(string source) => PulseMicrophone.Open(source);
}
