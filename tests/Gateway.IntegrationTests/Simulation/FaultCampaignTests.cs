using Gateway.Benchmarks.FaultCampaign;

namespace Gateway.IntegrationTests.Simulation;

/// <summary>The short form of <c>./bench faults</c>: each fault that needs no waiting once, always the same ones, and never a judgement of how long anything took.</summary>
public sealed class FaultCampaignTests
{
    [Fact]
    public async Task What_was_accepted_is_kept_and_ends_once_over_faults_of_broker_wire_process_and_disk()
    {
        string[] faults =
        [
            "broker killed", "wire cut", "client id taken", "gateway killed", "hostile messages", "gateway over the other MQTT", "broker stopped", "gateway over the other MQTT",
            "clock set and wire cut", "disk taken away", "database damaged", "gateway suspended",
        ];
        await Task.Run(() =>
        {
            using var campaign = new Campaign(seed: 11, ownDisk: false, radios: false);
            for (var i = 0; i < faults.Length; i++) campaign.Step(i, faults[i]);

            Assert.True(campaign.Broken.Count == 0, string.Join('\n', campaign.Broken));
            Assert.Equal(0, campaign.Book.AnsweredTwice());
            Assert.Equal(0, campaign.Book.UnannouncedCuts);
        });
    }

    [Fact]
    public void The_ledger_sees_a_command_without_an_end_one_with_two_and_a_cut_of_another_peer_than_announced()
    {
        var book = new Ledger("tutti");
        var (open, twice, unheard) = (book.Open("group/party/active", "ON").Number, book.Open("group/party/mute", "ON").Number, book.Open("group/party/mute", "OFF").Number);
        Answer(unheard, "accepted", "1");
        book.ForgetWhatIsUnderWay();
        Answer(open, "accepted", "2", """{"device":"kitchen","peer":"flip_a"}""");
        Answer(twice, "done", "3");
        Answer(twice, "done", "3"); // handed out twice by the broker: one end
        Assert.Equal(0, book.AnsweredTwice());
        Answer(twice, "failed", "4");
        var later = book.Open("group/party/active", "OFF").Number;
        Answer(later, "accepted", "5");
        Linked("flip_a");
        Replaced("emberton");
        Linked("emberton");
        Assert.Equal(0, book.UnannouncedCuts);
        Linked("flip_b");
        Replaced("flip_b");

        Assert.Equal(1, book.UnannouncedCuts);
        Assert.Equal(1, book.AnsweredTwice());
        Assert.Equal([later], book.WithoutEnd(later + 1).Select(e => e.Number));
        Assert.Empty(book.WithoutEnd(later));

        void Answer(int number, string result, string id, string drop = "") =>
            Hear("tutti/response", $$"""{"correlation":"{{number}}","result":"{{result}}","reason":null,"drops":[{{drop}}],"id":"{{id}}"}""");
        void Linked(string peer) => Hear("tutti/echo/kitchen/state", $$$$"""{"id":"kitchen","bluetooth":{"peer":{"id":"{{{{peer}}}}"}}}""");
        void Replaced(string peer) => Hear("tutti/event", $$"""{"event_type":"link_replaced","device":"kitchen","peer":"{{peer}}"}""");
        void Hear(string topic, string text) => book.Hear(topic, System.Text.Encoding.UTF8.GetBytes(text));
    }
}
