namespace Gateway.Engine.Ports;

/// <summary>What the gateway listens with, where somebody consented to that.</summary>
public interface IMicrophone
{
    /// <summary>Opens what <c>audio.microphone</c> names; it listens until it is disposed. May wait for a sound server.</summary>
    /// <exception cref="PortException">It cannot be recorded from: why, and the remedy.</exception>
    IAudioInput Open(string source);
}
