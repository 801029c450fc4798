using Gateway.Benchmarks.FaultCampaign;

namespace Gateway.IntegrationTests.Simulation;

/// <summary>The short form of <c>./bench faults</c>: each fault that needs no waiting once, always the same ones, and never a judgement of how long anything took.</summary>
[Collection(RealTime.Name)]
public sealed class FaultCampaignTests
{
    [Fact]
    public async Task What_was_accepted_is_kept_and_ends_once_over_faults_of_broker_wire_process_and_disk()
    {
        string[] faults =
        [
            "broker killed", "wire cut", "client id taken", "gateway killed", "hostile messages", "gateway over the other MQTT", "broker stopped", "gateway over the other MQTT",
            "disk taken away", "database damaged", "gateway suspended",
        ];
        await Task.Run(() =>
        {
            using var campaign = new Campaign(seed: 11, ownDisk: false);
            for (var i = 0; i < faults.Length; i++) campaign.Step(i, faults[i]);

            Assert.True(campaign.Broken.Count == 0, string.Join('\n', campaign.Broken));
            Assert.Equal(0, campaign.Book.AnsweredTwice());
            Assert.Equal(0, campaign.Book.UnannouncedCuts);
        });
    }
}
