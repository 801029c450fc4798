using Gateway.Engine;
using Gateway.Reconciler.Registry;

namespace Gateway.Tests.Reconciler;

public sealed class EchoNamesTests
{
    [Theory]
    [InlineData("Echo Dot-4F2", "kitchen")] // by its model
    [InlineData("Echo Studio-0A1", "living")]
    [InlineData("Living room", "living")] // by its name
    [InlineData("kitchen's Echo Studio-9ZZ", "kitchen")] // the name before the model
    [InlineData("Echo Show 8-1AB", "kitchen living bath")] // no model fits: somebody has to say
    [InlineData("Küche", "kitchen living bath")]
    public void What_is_on_the_air_fits_by_name_then_by_model_else_it_may_be_any(string onAir, string fitting)
    {
        ConfiguredEcho[] echoes =
        [
            new() { Id = "kitchen", Name = "Kitchen", Model = "Echo Dot (5th gen)" },
            new() { Id = "living", Name = "Living room", Model = "Echo Studio" },
            new() { Id = "bath", Name = "Bath" },
        ];

        Assert.Equal(fitting, string.Join(' ', EchoNames.Fitting(onAir, echoes).Select(e => e.Id)));
    }

    [Fact]
    public void Of_two_of_one_model_both_fit()
    {
        ConfiguredEcho[] echoes = [new() { Id = "a", Name = "A", Model = "Echo Dot" }, new() { Id = "b", Name = "B", Model = "Echo Dot (4th gen)" }, new() { Id = "c", Name = "C", Model = "Echo Pop" }];

        Assert.Equal(["a", "b"], EchoNames.Fitting("Echo Dot-4F2", echoes).Select(e => e.Id));
    }

    [Fact]
    public void A_name_of_nothing_but_a_models_words_is_no_name_that_was_heard()
    {
        ConfiguredEcho[] echoes = [new() { Id = "dot", Name = "Dot" }, new() { Id = "hall", Name = "Hall" }];

        Assert.Equal(["dot", "hall"], EchoNames.Fitting("Echo Dot-4F2", echoes).Select(e => e.Id));
    }
}
