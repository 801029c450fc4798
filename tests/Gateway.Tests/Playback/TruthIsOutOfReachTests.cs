using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Gateway.Tests.Playback;

/// <summary>
/// The gateway's figures are worth something only if it cannot look the truth up. The demo puts the simulated house together and
/// hands its ports over, <c>tutti simulate</c> serves the simulated Echo cloud to other programs; nothing else of the program may know of it.
/// </summary>
public sealed class TruthIsOutOfReachTests
{
    [Fact]
    public void Nothing_of_the_program_but_the_demo_and_the_command_knows_the_simulated_house()
    {
        var sources = Path.Combine(RepositoryFiles.PathOf("src"), "Gateway");
        var files = Directory.GetFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "Demo" or "Simulate")).ToList();

        Assert.True(files.Count > 50, "The program's sources were not found.");
        Assert.DoesNotContain(files, f => File.ReadAllText(f).Contains("Gateway.Simulation", StringComparison.Ordinal) || File.ReadAllText(f).Contains("SimulatedHouse", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_the_simulated_house_the_program_uses_only_its_making_and_its_ports()
    {
        using var file = File.OpenRead(typeof(Gateway.Playback.Audio.Timeline).Assembly.Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var types = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(t => metadata.GetString(t.Namespace).StartsWith("Gateway.Simulation", StringComparison.Ordinal))
            .Select(t => metadata.GetString(t.Name)).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(["SimulatedAccount", "SimulatedAccountEcho", "SimulatedAlexa", "SimulatedBroker", "SimulatedHouse", "SimulatedHouseOptions"], types);
        Assert.Equal(
            ["Bluetooth", "DisposeAsync", "Echo", "Microphone", "Outputs", "Sources"],
            typeof(Gateway.Simulation.SimulatedHouse).GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(m => m is PropertyInfo or MethodInfo { IsSpecialName: false }).Select(m => m.Name).Order(StringComparer.Ordinal));
    }
}
