using Gateway.Reconciler;
using Gateway.Storage;

namespace Gateway.Tests.Reconciler;

/// <summary>What is read of an older version's, a stranger's or a damaged store.</summary>
public sealed class DesiredStateTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-desired-");

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData("""{"TrimMs":1e300}""", 0, null, "The stored trim of bath, 1E+300 ms, is none; it has no trim now.")]
    [InlineData("""{"TrimMs":-500.1,"Volume":40}""", 0, 40, "The stored trim of bath, -500.1 ms, is none; it has no trim now.")]
    [InlineData("""{"TrimMs":12.5,"Volume":101}""", 12.5, null, "The stored volume of bath, 101, is none; it is left as it is.")]
    [InlineData("""{"TrimMs":"NaN"}""", 0, null, null)]
    [InlineData("""{"TrimMs":2000,"Volume":100}""", 2000, 100, null)]
    public void A_speakers_values_that_no_command_takes_are_refused_with_a_word(string stored, double trim, int? volume, string? word)
    {
        using var store = Store.Open(_data.FullName, TimeProvider.System);
        store.Put("desired", "speaker/bath", stored);

        var desired = new DesiredState(store);

        Assert.Equal((trim, volume), (desired.Speaker("bath").TrimMs, desired.Speaker("bath").Volume));
        Assert.Equal(word is null ? [] : [word], desired.Refused);
    }

    [Theory]
    [InlineData("""{"Active":true,"Volume":-1}""", null)]
    [InlineData("""{"Active":true,"Volume":50,"Balance":{"bath":1e300}}""", null)]
    [InlineData("""{"Active":true,"Volume":50,"Balance":{"bath":0.5}}""", 50)]
    public void A_groups_volume_that_no_command_takes_is_refused_and_the_rest_is_kept(string stored, int? volume)
    {
        using var store = Store.Open(_data.FullName, TimeProvider.System);
        store.Put("desired", "group/party", stored);

        var desired = new DesiredState(store);

        Assert.Equal((true, volume), (desired.Group("party").Active, desired.Group("party").Volume));
        Assert.Equal(volume is null ? ["The stored volume of party is none; it is left as it is."] : [], desired.Refused);
    }

    [Theory]
    [InlineData("""{"Active":true,"Balance":{},"Announced":{"At":"2026-11-28T09:00:00+00:00","Drops":null}}""")]
    [InlineData("""{"Active":true,"Balance":{},"Announced":{}}""")]
    [InlineData("""{"Active":true,"Balance":{},"Announced":{"Drops":[null]}}""")]
    [InlineData("""{"Active":true,"Balance":{},"Announced":{"Drops":[{"Device":"bath","Peer":null}]}}""")]
    public void An_announcement_without_its_links_counts_as_none_and_the_rest_is_kept(string stored)
    {
        using var store = Store.Open(_data.FullName, TimeProvider.System);
        store.Put("desired", "group/party", stored);

        var desired = new DesiredState(store);

        Assert.True(desired.Group("party") is { Active: true, Announced: null });
        Assert.Equal(["What is stored of the links that party was to cut cannot be read; it counts as not announced."], desired.Refused);
    }
}
