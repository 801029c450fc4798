using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler;
using Gateway.Tests.Reconciler.Parts;
using Gateway.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Reconciler;

public sealed class StepRunnerTests
{
    [Theory]
    [InlineData("WNDERBOOM", "Is it \"WONDERBOOM\", which is in reach? Then give it that name or its address in the configuration.")]
    [InlineData("Lounge", "Switch it on and scan once (Rescan), or give its address in the configuration.")]
    public async Task A_speaker_without_an_address_is_told_what_in_reach_is_called_nearly_so(string name, string remedy)
    {
        await using var home = new DemoHouse();
        var runner = new StepRunner(home.House.Bluetooth, home.House.Echo, new Journal(TimeProvider.System, NullLogger.Instance), TimeProvider.System);
        var step = new StepTarget { Step = new ConnectStep("s", null, "hci0", ""), Name = name, Adapter = DemoHouse.Hci0 };

        var failure = Assert.Single(await runner.RunAsync([step], CancellationToken.None));

        Assert.Equal(PortError.UnknownDevice, failure.Error);
        Assert.Contains(remedy, failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_ours_is_told_in_words_and_is_in_the_log_once_with_its_stack()
    {
        var faults = new LoggedFaults();
        var runner = new StepRunner(bluetooth: null!, echo: null!, new Journal(TimeProvider.System, faults), TimeProvider.System);
        var step = new StepTarget { Step = new DisconnectStep("s", null, "hci0", ""), Name = "Kitchen", Adapter = DemoHouse.Hci0, Address = DemoHouse.Hci0 };

        var failure = Assert.Single(await runner.RunAsync([step], CancellationToken.None));

        Assert.Equal($"Kitchen: {Journal.FaultWords}", failure.Text);
        Assert.Contains(nameof(StepRunner), Assert.Single(faults.All).StackTrace, StringComparison.Ordinal);
    }
}
