using Gateway.Engine.Ports;

namespace Gateway.Simulation;

internal sealed class SimulatedAudio(World world) : IAudioPort
{
    public IAudioOutput OpenOutput(string adapter, string device) => throw Missing();

    public IAudioInput OpenReceiver(string adapter, string device) => throw Missing();

    public IAudioInput OpenMicrophone(string source) => throw Missing();

    private PortException Missing() => new(PortError.PartMissing, $"The simulated house with {world.Speakers.Count} speakers does not sound yet.");
}
