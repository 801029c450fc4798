using Gateway.Bluetooth;
using Gateway.Engine;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Bluetooth;

public sealed class LearnedLimitsTests : IDisposable
{
    private static BluetoothAddress Address { get; } = BluetoothAddress.Parse("00:1A:7D:DA:71:10");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-limits-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Store _store;

    public LearnedLimitsTests()
    {
        _store = Store.Open(_folder.FullName, _time);
        Limits().Learn("hci0", Address, 2, "5.66");
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void What_was_learned_is_there_after_a_restart_with_its_date()
    {
        var limit = Limits().Of("hci1", Address, carried: 2, version: null);

        Assert.Equal(new LearnedLimit(2, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), null, "5.66"), limit);
    }

    [Theory]
    [InlineData(6.9, 2, "5.66", null, true)]
    [InlineData(7, 2, "5.66", null, false)]
    [InlineData(-8, 2, "5.66", null, false)]
    [InlineData(1, 3, "5.66", null, false)]
    [InlineData(1, 2, "5.83", null, false)]
    [InlineData(1, 2, "5.66", 4, false)]
    public void It_counts_until_something_speaks_against_it_and_is_then_forgotten_for_good(double days, int carried, string version, int? stated, bool counts)
    {
        _time.AdjustTime(_time.GetUtcNow().AddDays(days));

        Assert.Equal(counts, Limits(stated).Of("hci0", Address, carried, version) is not null);
        Assert.Single(_store.All("adapter_limit")); // to look it up changes nothing
        Limits(stated).Expire("hci0", Address, carried, version);

        Assert.Equal(counts, _store.All("adapter_limit").Count == 1);
    }

    [Fact]
    public void What_cannot_be_read_is_as_good_as_nothing()
    {
        _store.Put("adapter_limit", Address, "{]");

        Assert.Null(Limits().Of("hci0", Address, 2, "5.66"));
    }

    [Fact]
    public void The_planners_refusal_names_what_was_learned_and_when()
    {
        var house = new Engine.House(
            new HouseConfiguration { Speakers = [new ConfiguredSpeaker { Id = "a", Name = "A", Address = BluetoothAddress.Parse("10:28:74:A0:00:01") }, new ConfiguredSpeaker { Id = "b", Name = "B", Address = BluetoothAddress.Parse("10:28:74:A0:00:02") }] },
            new HouseObservation
            {
                Adapters = [new ObservedAdapter { Name = "hci0", Address = Address, Powered = Fact.Of(true), LearnedMaxStreams = 1, LearnedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) }],
                Speakers = [new ObservedSpeaker { Id = "a" }, new ObservedSpeaker { Id = "b" }],
            },
            Gateway.Configuration.CatalogueLoader.BuiltIn);

        var plan = Planner.Plan(house, new PlanRequest { Members = ["a", "b"], ForcedRoute = Route.FanOut });

        Assert.Contains(plan.Blockers, b => b.Rule == "T4" && b.Text.Contains("hci0 was found to carry 1 stream and no more (learned on 2026-01-01).", StringComparison.Ordinal));
    }

    private LearnedLimits Limits(int? stated = null) => new(
        new BluetoothOptions { Adapters = stated is null ? null : [new ConfiguredAdapter { Address = Address, MaxStreams = stated }] }, _store, _time, NullLogger.Instance);
}
