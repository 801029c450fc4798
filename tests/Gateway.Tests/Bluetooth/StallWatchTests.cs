namespace Gateway.Tests.Bluetooth;

/// <summary>Who is given up, and who never is: by a clock of the tests' own.</summary>
public sealed class StallWatchTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Who_takes_nothing_while_another_plays_on_is_given_up_within_two_seconds(int streams)
    {
        var rig = new StallRig(streams) { Takes = (stream, t) => stream != 1 || t < 10 }.Run(60);

        var (gone, at) = Assert.Single(rig.GivenUp);
        Assert.Equal(1, gone);
        Assert.InRange(at, 11.5, 12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_all_stand_still_it_is_nobodys_and_all_go_on(int streams)
    {
        var rig = new StallRig(streams) { Takes = (_, t) => t is < 10 or > 25 }.Run(60);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void A_full_controller_is_nobodys_until_the_radio_ends_the_dead_link()
    {
        // Without shares: the one that left at 10 s holds the buffers of all, until its link's supervision ends at 30 s.
        var rig = new StallRig(3) { Takes = (_, t) => t is < 10 or > 30 }.Run(30);
        rig.End(2);
        rig.Run(30);

        Assert.Empty(rig.GivenUp);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.45)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_machine_that_stood_still_silences_nobody(double seconds)
    {
        bool Stands(double t) => t >= 10 && t < 10 + seconds;
        // One had waited for the radio for 0.6 s before, and waits as long again after.
        var rig = new StallRig(3)
        {
            OthersRun = t => !Stands(t), SenderRuns = (_, t) => !Stands(t), Takes = (stream, t) => stream != 0 || t < 9.4 || t > 10.6 + seconds,
        }.Run(60);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void A_machine_that_stops_again_and_again_silences_nobody()
    {
        bool Runs(double t) => t % 1 < 0.2;
        var rig = new StallRig(3) { OthersRun = Runs, SenderRuns = (_, t) => Runs(t), Takes = (_, t) => t % 2 < 1 }.Run(120);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void While_ordinary_threads_get_no_processor_nothing_is_evidence()
    {
        // The senders come first and are in time; what takes the first one's packets is not run. (Two ordinary beats a second, alone, vouch for nothing.)
        var rig = new StallRig(2) { OthersRun = t => t < 10 || t > 20 || t % 0.5 < 0.006, Takes = (stream, t) => stream != 0 || t is < 10 or > 20 }.Run(40);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void A_sender_that_gets_no_processor_says_nothing_of_its_speaker()
    {
        // It gets a moment every 0.4 s, and just then the socket is full.
        var rig = new StallRig(2) { SenderRuns = (stream, t) => stream != 0 || t % 0.4 < 0.006, Takes = (stream, _) => stream != 0 }.Run(40);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void On_a_machine_that_stumbles_who_left_is_found_later()
    {
        // Every second it stands for 0.2 s: of each second 0.75 s count.
        bool Stands(double t) => t % 1 < 0.2;
        var rig = new StallRig(3) { OthersRun = t => !Stands(t), SenderRuns = (_, t) => !Stands(t), Takes = (stream, t) => stream != 1 || t < 10.5 }.Run(60);

        var (gone, at) = Assert.Single(rig.GivenUp);
        Assert.Equal(1, gone);
        Assert.InRange(at, 12.2, 13.5);
    }

    [Fact]
    public void The_only_one_is_waited_for_longer()
    {
        var rig = new StallRig(1) { Takes = (_, t) => t < 10 }.Run(60);

        var (_, at) = Assert.Single(rig.GivenUp);
        Assert.InRange(at, 14, 14.5);
    }

    [Fact]
    public void The_only_one_that_takes_again_in_time_stays()
    {
        var rig = new StallRig(1) { Takes = (_, t) => t % 10 < 6.2 }.Run(60);

        Assert.Empty(rig.GivenUp);
    }

    [Fact]
    public void Two_that_leave_together_are_given_up_one_after_the_other()
    {
        var rig = new StallRig(3) { Takes = (stream, t) => stream == 1 || t < 10 }.Run(60);

        Assert.Equal([0, 2], rig.GivenUp.Select(g => g.Stream).Order());
        Assert.InRange(rig.GivenUp[1].At - rig.GivenUp[0].At, 1.5, 2);
    }

    [Fact]
    public void Who_stutters_is_no_witness_and_who_plays_on_again_is()
    {
        var rig = new StallRig(2) { Takes = (stream, t) => stream == 0 ? t < 10 : t > 20 || t % 1 < 0.6 }.Run(60);

        var (gone, at) = Assert.Single(rig.GivenUp);
        Assert.Equal(0, gone);
        Assert.InRange(at, 21.4, 22.2);
    }

    [Fact]
    public void Who_has_just_come_is_no_witness_for_what_was_before()
    {
        var rig = new StallRig(1) { Takes = (stream, t) => stream == 1 || t < 10 }.Run(11.2);
        rig.Add();
        rig.Run(1.4);
        Assert.Empty(rig.GivenUp);

        rig.Run(0.5);
        Assert.Equal(0, Assert.Single(rig.GivenUp).Stream);
    }

    [Fact]
    public void Whatever_holds_the_machine_or_the_adapter_up_no_healthy_speaker_is_given_up()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var machine = Times(random, longest: 5);
            var senders = Enumerable.Range(0, 3).Select(_ => Times(random, longest: 3)).ToArray();
            var ordinary = Times(random, longest: 5);
            var adapter = Times(random, longest: 8);
            // What a healthy link may be silent for: with two holds of 0.3 s beside it, which are too short to make another's word worthless, below 1.5 s.
            var radios = Enumerable.Range(0, 3).Select(_ => Times(random, longest: 0.8)).ToArray();
            var streams = random.Next(2, 4);
            var rig = new StallRig(streams)
            {
                OthersRun = t => !In(machine, t) && !In(ordinary, t), SenderRuns = (stream, t) => !In(machine, t) && !In(senders[stream], t),
                // What takes the packets runs as the ordinary threads do.
                Takes = (stream, t) => !In(adapter, t) && !In(ordinary, t) && !In(radios[stream], t),
            }.Run(60);

            Assert.True(rig.GivenUp.Count == 0, $"Seed {seed}, {streams} streams: {string.Join(", ", rig.GivenUp)}");
        }
    }

    private static List<(double From, double To)> Times(Random random, double longest)
    {
        var times = new List<(double, double)>();
        for (var t = random.NextDouble() * 10; t < 60; t += 2 + (random.NextDouble() * 10))
        {
            var length = random.NextDouble() * longest;
            times.Add((t, t + length));
            t += length;
        }

        return times;
    }

    private static bool In(List<(double From, double To)> times, double t) => times.Exists(x => t >= x.From && t < x.To);
}
